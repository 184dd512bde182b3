"""Turn an image's bytes into the network's input, on the device and on the host.

``TopDownCrop`` leaves pixels as bytes, a quarter of the size of normalised ones when
the loader's processes send them; the device normalises them.

Shapes: N people, H x W pixels of the crop.
"""

from typing import TYPE_CHECKING, Sequence

import numpy as np

if TYPE_CHECKING:
    from paddle import Tensor


def normalise(
    crops: np.ndarray, mean: Sequence[float], std: Sequence[float]
) -> np.ndarray:
    """(N, H, W, 3) uint8 BGR -> (N, 3, H, W) float32 RGB, as ``DevicePixels`` does."""
    scale, bias = _scale_and_bias(mean, std)
    return np.ascontiguousarray(crops[..., ::-1].transpose(0, 3, 1, 2)) * scale + bias


class DevicePixels:
    """Normalises pixels on the network's device, without waiting for it.

    Its tensors are not a layer's buffers: they are not saved, and ``amp_level: O2``
    does not cast them.

    Args:
        mean: red, green and blue in [0, 1].
        std: their standard deviations.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        import paddle  # not above: exported models are run without it

        self.scale, self.bias = map(paddle.to_tensor, _scale_and_bias(mean, std))

    def normalise(self, image: "Tensor") -> "Tensor":
        """(N, H, W, 3) uint8 RGB -> (N, 3, H, W) float32, normalised."""
        import paddle

        with paddle.amp.auto_cast(enable=False):
            pixels = image.transpose([0, 3, 1, 2]).astype("float32")
            return pixels * self.scale + self.bias

    def restore(self, image: "Tensor") -> np.ndarray:
        """(N, 3, H, W) normalised RGB -> (N, H, W, 3) uint8 RGB, on the host."""
        pixels = ((image - self.bias) / self.scale).transpose([0, 2, 3, 1]).numpy()
        return np.clip(np.round(pixels), 0, 255).astype(np.uint8)


def _scale_and_bias(
    mean: Sequence[float], std: Sequence[float]
) -> Sequence[np.ndarray]:
    """(3, 1, 1) float32 each, for pixels of 0 to 255."""
    mean, std = np.asarray(mean, np.float64), np.asarray(std, np.float64)
    scale, bias = 1 / (255 * std), -mean / std
    return [values.astype(np.float32)[:, None, None] for values in (scale, bias)]
