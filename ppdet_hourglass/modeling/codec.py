"""Joints to heatmaps and back: encode, flip test, decode.

Shapes: N people, K joints, H x W heatmap pixels.  Heatmap pixels are 0-based with x to
the right; so are image pixels.
"""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Callable, Dict, Sequence, Tuple

import numpy as np

from ..data.crop import PIXELS_PER_SCALE
from ..fields import Kind, check, numbers, one_of
from .peaks import DECODERS, argmax_joints

if TYPE_CHECKING:
    from paddle import Tensor

#: The recipe's targets: standard deviation of the Gaussian, and where it ends, three
#: deviations from the middle, both in heatmap pixels (HRNet, mmpose).
SIGMA_PX, RADIUS_PX = 2.0, 6

#: Width of a Gaussian with a border of one pixel.
BUMP_SIDE = 2 * RADIUS_PX + 3

BOOLEAN = Kind("true or false", lambda value: isinstance(value, bool))


@dataclass(frozen=True)
class HeatmapCodec:
    """How joints become heatmaps and heatmaps become joints.

    Attributes:
        flip_test: average the heatmaps with the mirrored image's.
        shift_heatmap: shift the mirrored image's by one pixel first.  The crop's
            middle lies between pixels, the heatmap's samples do not; mmpose and HRNet
            correct for that, the published Paddle reproduction does not.
        decoder: ``quarter`` (quarter offset) or ``dark``.
        peak_offset: heatmap pixels by which peaks lie to the upper left of their
            joints, in x and in y: 0 for targets rounded to the nearest pixel.

    Raises:
        UserError: the decoder is unknown, or an option has the wrong type.
    """

    flip_test: bool = True
    shift_heatmap: bool = False
    decoder: str = "quarter"
    peak_offset: float = 0.0

    def __post_init__(self) -> None:
        check(self.decoder, one_of(tuple(DECODERS)), "TopDownHourglass.decoder")
        for name in ("flip_test", "shift_heatmap"):
            check(getattr(self, name), BOOLEAN, f"TopDownHourglass.{name}")
        check(self.peak_offset, numbers(), "TopDownHourglass.peak_offset")

    @classmethod
    def from_dict(cls, options: Dict[str, Any]) -> "HeatmapCodec":
        """Make a codec from a dictionary of options; other keys are ignored."""
        own = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in options.items() if key in own})

    def encode(
        self, joints: "Tensor", stride: Tuple[float, float], size: Tuple[int, int]
    ) -> Tuple["Tensor", "Tensor"]:
        """Draw the target heatmaps of a batch on its device, without waiting for it.

        They are bit-identical to those of PaddleDetection's ``ToHeatmapsTopDown``.

        Args:
            joints: (N, K, 3) float32: x and y in pixels of the crop, 1 if annotated.
            stride: crop pixels per heatmap pixel, in x and in y.
            size: heatmap (W, H).

        Returns:
            targets (N, K, H, W) float32, a Gaussian of height 1 at the pixel nearest
            to the joint; weights (N, K, 1) float32.  A joint that is not annotated,
            or whose Gaussian lies outside, has an empty target and weight 0.
        """
        import paddle  # not above: exported models are run without it

        with paddle.amp.auto_cast(enable=False):
            places, inside = [], []
            for axis, length in enumerate(size):
                # Rounded in double precision, as in PaddleDetection.
                steps = joints[..., axis].astype("float64") / stride[axis] + 0.5
                nearest = steps.trunc().clip(-1e6, 1e6).astype("int32")
                touches = nearest <= length + RADIUS_PX - 1
                inside.append((nearest >= -RADIUS_PX - 1) & touches)
                pixels = paddle.arange(length, dtype="int32")
                offset = pixels - nearest.unsqueeze(-1) + (RADIUS_PX + 1)
                places.append(offset.clip(0, BUMP_SIDE - 1))
            weights = joints[..., 2] * (inside[0] & inside[1]).astype("float32")
            index = places[1].unsqueeze(-1) * BUMP_SIDE + places[0].unsqueeze(-2)
            bumps = self.bump.gather(index.flatten()).reshape(index.shape)
            seen = (weights > 0.5).astype("float32")
            return bumps * seen.unsqueeze([2, 3]), weights.unsqueeze(-1)

    @cached_property
    def bump(self) -> "Tensor":
        """A joint's Gaussian, flat, on the device.

        A border of zeros stands for all pixels outside.
        """
        import paddle

        squares = np.arange(-RADIUS_PX, RADIUS_PX + 1, dtype=np.float32) ** 2
        bump = np.exp(-(squares + squares[:, None]) / (2 * SIGMA_PX**2))
        return paddle.to_tensor(np.pad(bump, 1).flatten())

    def average(
        self,
        network: Callable[[Any], np.ndarray],
        image: Any,
        mirror: Callable[[Any], Any],
        flip_order: Sequence[int],
    ) -> np.ndarray:
        """Heatmaps (N, K, H, W) of a batch, averaged in the flip test if it is on.

        ``mirror`` mirrors a batch of whatever type ``network`` takes left to right;
        ``flip_order`` holds the index of each joint's map in the mirrored person.
        """
        heatmaps = network(image)
        if not self.flip_test:
            return heatmaps
        mirrored = network(mirror(image))
        averaged = np.empty_like(heatmaps)
        # One person at a time stays in the processor's cache, a batch does not.
        for upright, flipped, mean in zip(heatmaps, mirrored, averaged):
            back = flip_back(flipped[None], flip_order, self.shift_heatmap)[0]
            np.add(upright, back, out=mean)
            mean *= 0.5
        return averaged

    def decode(
        self, heatmaps: np.ndarray, centers: np.ndarray, scales: np.ndarray
    ) -> Tuple[np.ndarray, np.ndarray]:
        """Read joints from the heatmaps (N, K, H, W) float32 of upright crops.

        Returns:
            keypoints (N, K, 2) float32 in image pixels (crops: see :func:`to_image`);
            scores (N, K) float32.
        """
        height, width = heatmaps.shape[2:]
        coords, scores = argmax_joints(heatmaps)
        coords = DECODERS[self.decoder](heatmaps, coords) + self.peak_offset
        return to_image(coords, centers, scales, (width, height)), scores


def flip_back(
    heatmaps: np.ndarray, flip_order: Sequence[int], shift: bool
) -> np.ndarray:
    """Undo the mirroring in the heatmaps (N, K, H, W) of a mirrored image.

    ``flip_order`` holds the index of each joint's map in the mirrored person; ``shift``
    moves the result one pixel to the right.
    """
    back = heatmaps[:, list(flip_order)][..., ::-1]
    if not shift:
        return back
    return np.concatenate([back[..., :1], back[..., :-1]], axis=3)


def to_image(
    coords: np.ndarray, centers: np.ndarray, scales: np.ndarray, size: Tuple[int, int]
) -> np.ndarray:
    """Map heatmap pixels of upright crops to image pixels.

    Args:
        coords: (N, K, 2) heatmap pixels.
        centers: (N, 2) crop centres, image pixels.
        scales: (N, 2) crop sizes / 200 px; only the first, the width, is used.
        size: heatmap (W, H).
    """
    width = np.asarray(scales)[:, :1] * PIXELS_PER_SCALE
    step = (width / size[0])[:, None]
    middle = np.asarray(size) * 0.5
    image = (coords - middle) * step + np.asarray(centers)[:, None]
    return image.astype(np.float32)
