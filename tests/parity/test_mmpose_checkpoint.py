"""mmpose's checkpoints, by their keys in mmpose 0.x and 1.x."""

import json

import numpy as np
import pytest

from ppdet_hourglass.convert.conversion import convert
from ppdet_hourglass.convert.network import build_with_weights, fitting_config, heatmaps

from .references.newell import image, weights

#: Of the largest heatmap value.
TOLERANCE = 1e-4


@pytest.mark.parametrize("version, head", [("0.x", "keypoint_head."), ("1.x", "head.")])
@pytest.mark.parametrize(
    "run, config",
    [
        ("hourglass52_mpii", "configs/hourglass_mpii_256.yml"),
        ("hourglass104_coco", "configs/hourglass_coco_256.yml"),
    ],
)
def test_heatmaps_of_every_stack(reference, run, config, version, head):
    made = reference("mmpose_checkpoint")
    shapes = json.loads(str(made[f"{run}.shapes"]))
    state = weights(shapes, float(made["gain"]))
    state = {
        head + key[len("head.") :] if key.startswith("head.") else key: array
        for key, array in state.items()
    }
    conversion = convert(state)
    assert conversion.layout.name == f"mmpose {version}"
    architecture, network = build_with_weights(conversion)
    hint = fitting_config(conversion.layout, architecture)
    assert hint[0] == config and hint[-1] == "TopDownHourglass.shift_heatmap=true"
    assert architecture.options["stage_blocks"] == [2, 2, 2, 2, 2, 4]
    theirs = made[f"{run}.heatmaps"]
    ours = np.concatenate(heatmaps(network, image(4 * theirs.shape[-1])))
    assert ours.shape == theirs.shape
    for mine, expected in zip(ours, theirs):
        assert np.abs(mine - expected).max() <= TOLERANCE * np.abs(expected).max()
