"""What must be known of a network to predict with it."""

from dataclasses import dataclass
from typing import Any, Dict, Tuple

from ..keypoints.keypoint_set import KeypointSet
from ..modeling.decoding import check_decoder

Color = Tuple[float, ...]


def standardisation(step: Dict[str, Any]) -> Tuple[Color, Color]:
    """Mean and deviation for pixels of 0 to 1, from a ``NormalizeImage`` step."""
    whole = 1.0 if step.get("is_scale", True) else 255.0
    mean, std = (
        tuple(float(value) / whole for value in step[key]) for key in ("mean", "std")
    )
    return mean, std


@dataclass(frozen=True)
class ModelSpec:
    """How a network is fed, and how its heatmaps are read.

    Attributes:
        input_size: (W, H) pixels of a crop.
        mean: red, green, blue that are subtracted from pixels scaled to 0 .. 1.
        std: red, green, blue that the difference is divided by.
        keypoints: the joints, one heatmap each.
        flip_test: average with the mirrored image's heatmaps.
        shift_heatmap: shift those by one pixel first, as mmpose does.
        decoder: ``quarter`` or ``dark``.
        peak_offset: heatmap pixels by which peaks lie to the upper left of their
            joints, see :func:`~ppdet_hourglass.modeling.decoding.decode`.

    Raises:
        UserError: there is no such decoder.
    """

    input_size: Tuple[int, int]
    mean: Color
    std: Color
    keypoints: KeypointSet
    flip_test: bool = True
    shift_heatmap: bool = False
    decoder: str = "quarter"
    peak_offset: float = 0.0

    def __post_init__(self) -> None:
        check_decoder(self.decoder)
