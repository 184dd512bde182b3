"""What a predictor must know about a network."""

from dataclasses import dataclass
from typing import Any, Dict, Tuple

from ..keypoints.keypoint_set import KeypointSet
from ..modeling.codec import HeatmapCodec

Color = Tuple[float, ...]


def standardisation(step: Dict[str, Any]) -> Tuple[Color, Color]:
    """Mean and deviation for pixels of 0 to 1, from a ``NormalizeImage`` step."""
    divisor = 1.0 if step.get("is_scale", True) else 255.0
    mean, std = (
        tuple(float(value) / divisor for value in step[key]) for key in ("mean", "std")
    )
    if len(mean) != 3 or len(std) != 3 or not all(std):
        raise ValueError("NormalizeImage needs three of mean and std, std not 0")
    return mean, std


@dataclass(frozen=True)
class ModelSpec:
    """A network's input, and how to decode its heatmaps.

    Attributes:
        input_size: (W, H) pixels of a crop.
        mean, std: red, green, blue for pixels scaled to 0 .. 1; the input is
            (pixels - mean) / std.
        keypoints: the joints, one heatmap each.
        codec: decodes joints from heatmaps.
    """

    input_size: Tuple[int, int]
    mean: Color
    std: Color
    keypoints: KeypointSet
    codec: HeatmapCodec = HeatmapCodec()
