"""What must be known of a network to predict with it."""

from dataclasses import dataclass
from typing import Any, Dict, Tuple

from ..keypoints.keypoint_set import KeypointSet
from ..modeling.codec import HeatmapCodec

Color = Tuple[float, ...]


def standardisation(step: Dict[str, Any]) -> Tuple[Color, Color]:
    """Mean and deviation for pixels of 0 to 1, from a ``NormalizeImage`` step.

    Raises:
        ValueError: not three of each, or a deviation is 0.
        KeyError: one of them is missing.
    """
    whole = 1.0 if step.get("is_scale", True) else 255.0
    mean, std = (
        tuple(float(value) / whole for value in step[key]) for key in ("mean", "std")
    )
    if len(mean) != 3 or len(std) != 3 or not all(std):
        raise ValueError("NormalizeImage needs three of mean and std, std not 0")
    return mean, std


@dataclass(frozen=True)
class ModelSpec:
    """How a network is fed, and how its heatmaps are read.

    Attributes:
        input_size: (W, H) pixels of a crop.
        mean: red, green, blue that are subtracted from pixels scaled to 0 .. 1.
        std: red, green, blue that the difference is divided by.
        keypoints: the joints, one heatmap each.
        codec: reads joints from heatmaps.
    """

    input_size: Tuple[int, int]
    mean: Color
    std: Color
    keypoints: KeypointSet
    codec: HeatmapCodec = HeatmapCodec()
