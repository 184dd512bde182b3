"""Network input and targets from compact batches, made on the network's device.

``TopDownCrop`` leaves pixels as bytes and joints as positions, a fiftieth of what
normalised pixels and heatmaps take on the way from the loader's processes.

Shapes: N people, K joints, H x W pixels of crop or heatmap.
"""

from typing import Sequence, Tuple

import numpy as np
import paddle
from paddle import Tensor, nn

from .codec import RADIUS_SIGMAS, SIGMA_PX, padded_bump

RADIUS = int(RADIUS_SIGMAS * SIGMA_PX)


class BatchInput(nn.Layer):
    """Normalises pixels and draws target heatmaps, without waiting for the device.

    It has no parameters, and its buffers are not saved.

    Args:
        mean: red, green and blue in [0, 1].
        std: their deviations.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        scale = 1 / (255 * np.array(std))
        bias = -np.array(mean) / np.array(std)
        for name, values in (
            ("scale", scale[:, None, None]),
            ("bias", bias[:, None, None]),
            ("bump", padded_bump(RADIUS).flatten()),
        ):
            tensor = paddle.to_tensor(values.astype(np.float32))
            self.register_buffer(name, tensor, persistable=False)

    def pixels(self, image: Tensor) -> Tensor:
        """(N, H, W, 3) uint8 RGB -> (N, 3, H, W) float32, normalised."""
        with paddle.amp.auto_cast(enable=False):
            pixels = image.transpose([0, 3, 1, 2]).astype("float32")
            return pixels * self.scale + self.bias

    def targets(
        self, joints: Tensor, stride: Tuple[float, float], size: Tuple[int, int]
    ) -> Tuple[Tensor, Tensor]:
        """Draw heatmaps as ``HeatmapCodec.encode`` does, equal to the bit.

        Args:
            joints: (N, K, 3) float32: x and y in pixels of the crop, 1 if annotated.
            stride: crop pixels per heatmap pixel, in x and in y.
            size: heatmap (W, H).

        Returns:
            (N, K, H, W) and (N, K, 1) float32, as ``HeatmapLoss`` takes them.
        """
        # Positions are rounded in double precision, in which PaddleDetection does it.
        positions = joints.astype("float64")
        x, x_inside = _places(positions[..., 0], stride[0], size[0])
        y, y_inside = _places(positions[..., 1], stride[1], size[1])
        weights = joints[..., 2] * (x_inside & y_inside).astype("float32")
        side = 2 * RADIUS + 3
        index = y.unsqueeze(-1) * side + x.unsqueeze(-2)
        bumps = self.bump.gather(index.flatten()).reshape(index.shape)
        seen = (weights > 0.5).astype("float32")
        return bumps * seen.unsqueeze([2, 3]), weights.unsqueeze(-1)


def _places(position: Tensor, stride: float, length: int) -> Tuple[Tensor, Tensor]:
    """Where each pixel of a heatmap's axis lies in the padded bump of each joint.

    Args:
        position: (N, K) float64, pixels of the crop.
        stride: crop pixels per heatmap pixel.
        length: L, heatmap pixels along the axis.

    Returns:
        (N, K, L) int32, index into the bump; (N, K) whether any of it is visible.
    """
    nearest = (position / stride + 0.5).trunc().clip(-1e6, 1e6).astype("int32")
    inside = (nearest >= -RADIUS - 1) & (nearest <= length + RADIUS - 1)
    pixels = paddle.arange(length, dtype="int32")
    offset = pixels - nearest.unsqueeze(-1) + (RADIUS + 1)
    return offset.clip(0, 2 * RADIUS + 2), inside
