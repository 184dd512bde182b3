"""What a predictor must know about a network, from its config or exported folder."""

import os
from dataclasses import dataclass
from typing import Any, Dict, Tuple

import numpy as np

from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet, read_keypoints
from ..modeling.codec import HeatmapCodec
from .export_folder import OWN, description_path, read_description

Color = Tuple[float, ...]

#: The config's transforms that cut and standardise the network's input.
CUT, STANDARDISE = "TopDownAffine", "NormalizeImage"


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


def spec_of(
    cfg: Dict[str, Any], config: str, keypoints: KeypointSet, model: Any
) -> ModelSpec:
    """Take the specification from a loaded config and its built model.

    ``config`` is the config's file, for messages.  An ``EvalReader`` that does not cut
    and standardise as prediction does is a :class:`UserError`.
    """
    reader = cfg.get("EvalReader", {})
    lists = [reader.get(f"{kind}_transforms") or [] for kind in ("sample", "batch")]
    steps = {name: options for step in sum(lists, []) for name, options in step.items()}
    for name in (CUT, STANDARDISE):
        if name not in steps:
            raise UserError(
                f"{config}: EvalReader lacks {name}, which prediction needs"
            )
    if steps[CUT].get("use_udp"):
        raise UserError(f"{config}: EvalReader's {CUT}.use_udp is not supported")
    width, height = steps[CUT]["trainsize"]
    mean, std = standardisation(steps[STANDARDISE])
    return ModelSpec((width, height), mean, std, keypoints, model.codec)


def read_spec(folder: str) -> ModelSpec:
    """Read the specification of a pose model that this package exported."""
    content = read_description(folder, "exported model")
    path = description_path(folder)
    own = content.get(OWN)
    if not isinstance(own, dict):
        raise UserError(f"{path} has no key '{OWN}': ppdet_hourglass did not export it")
    try:
        steps = {step["type"]: step for step in content["Preprocess"]}
        width, height = map(int, steps["TopDownEvalAffine"]["trainsize"])
        mean, std = standardisation(steps[STANDARDISE])
        codec = HeatmapCodec.from_dict(own)
        joints = os.path.join(folder, own["keypoints"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        problem = f"{type(error).__name__}: {error}"
        raise UserError(f"{path} is not as the export left it: {problem}") from None
    if not os.path.isfile(joints):
        raise UserError(f"{joints}, named by {path}, does not exist")
    return ModelSpec((width, height), mean, std, read_keypoints(joints), codec)


def standardisation(step: Dict[str, Any]) -> Tuple[Color, Color]:
    """Mean and deviation for pixels of 0 to 1, from a ``NormalizeImage`` step."""
    divisor = 1.0 if step.get("is_scale", True) else 255.0
    try:
        colors = np.array([step["mean"], step["std"]], np.float64) / divisor
    except (TypeError, ValueError):
        colors = np.empty(0)
    if (
        colors.shape != (2, 3)
        or not np.isfinite(colors).all()
        or (colors[1] <= 0).any()
    ):
        raise UserError(
            f"{STANDARDISE} needs three finite numbers as 'mean' and, above 0, as "
            f"'std', but got {step['mean']} and {step['std']}"
        )
    mean, std = colors.tolist()
    return tuple(mean), tuple(std)
