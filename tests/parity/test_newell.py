"""Newell et al.'s network against its three PyTorch versions, from their own keys."""

import json

import numpy as np
import pytest

from ppdet_hourglass.convert.conversion import convert, unwrap
from ppdet_hourglass.convert.network import build_with_weights, heatmaps

from .comparing import relative
from .references.newell import image, weights
from .tolerances import TABLE


@pytest.mark.parametrize("stacks", [1, 2, 8])
@pytest.mark.parametrize("repository", ["bearpaw", "anibali", "princeton"])
def test_heatmaps_of_every_stack(reference, deviation, repository, stacks):
    made = reference("newell")
    run = f"{repository}_{stacks}"
    shapes = json.loads(str(made[f"{run}.shapes"]))
    architecture, network = build_with_weights(convert(unwrap(weights(shapes))[0]))
    assert architecture.options["num_stacks"] == stacks
    theirs = made[f"{run}.heatmaps"]
    ours = np.concatenate(heatmaps(network, image(4 * theirs.shape[-1])))
    assert ours.shape == theirs.shape
    for mine, expected in zip(ours, theirs):
        deviation(TABLE["newell"], relative(mine, expected))
