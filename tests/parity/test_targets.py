"""Targets, through the shipped configs."""

import numpy as np
import pytest
from ppdet.core.workspace import load_config
from ppdet.data.reader import Compose

from ppdet_hourglass.compat.stock import JOINTS_KEY
from ppdet_hourglass.data.config_facts import fill_config

from ..conftest import ROOT
from .inputs import SIZES, border_joints
from .tolerances import TABLE


@pytest.mark.parametrize("size", SIZES)
def test_targets_at_and_beyond_the_borders(config, reference, deviation, size):
    cfg = load_config(str(ROOT / f"configs/hourglass_mpii_{size}.yml"))
    fill_config(cfg)
    encode = Compose(cfg["TrainReader"]["sample_transforms"][-1:])
    theirs = reference("targets")
    people = border_joints(size, seed=size)
    weights = []
    for index, (joints, visible) in enumerate(zip(people["joints"], people["visible"])):
        sample = encode(
            {
                "image": np.zeros((size, size, 3), np.uint8),
                JOINTS_KEY: np.pad(joints, ((0, 0), (0, 1))),
                "joints_vis": np.repeat(visible[:, None], 3, axis=1),
            }
        )
        difference = np.abs(sample["target"] - theirs[f"{size}/target"][index]).max()
        deviation(TABLE["targets"], difference)
        weights.append(sample["target_weight"][:, 0])
    assert np.array_equal(weights, theirs[f"{size}/weight"])
    # Some of the first people's joints have lost their target to the border.
    assert 0 < np.sum(weights[:2]) < 2 * people["visible"].shape[1]
