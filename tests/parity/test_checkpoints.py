"""The public networks from their own keys: seeded weights, and full-size files.

The files are those of ``write_checkpoints.py``, through the convert command.
"""

import json
import os
from pathlib import Path

import numpy as np
import paddle
import pytest

from ppdet_hourglass.convert.conversion import (
    build,
    build_with_weights,
    derive,
    fitting_config,
    heatmaps,
)
from ppdet_hourglass.convert.layouts import convert, unwrap

from ..running import run
from .comparing import relative
from .references.newell import image, weights
from .tolerances import TABLE

#: Of the largest heatmap value.
TOLERANCE = 1e-4

FOLDER = Path(os.environ.get("PARITY_CHECKPOINTS", "not set"))


def stacks(network, theirs):
    """Pairs of our heatmaps and theirs, stack by stack."""
    ours = np.concatenate(heatmaps(network, image(4 * theirs.shape[-1])))
    assert ours.shape == theirs.shape
    return zip(ours, theirs)


def check_heatmaps(network, theirs):
    for mine, expected in stacks(network, theirs):
        assert np.abs(mine - expected).max() <= TOLERANCE * np.abs(expected).max()


@pytest.mark.parametrize("count", [1, 2, pytest.param(8, marks=pytest.mark.slow)])
@pytest.mark.parametrize("repository", ["bearpaw", "anibali", "princeton"])
def test_newells_network(reference, deviation, repository, count):
    made = reference("newell", f"{repository}_{count}.")
    state = weights(json.loads(str(made["shapes"])))
    architecture, network = build_with_weights(convert(unwrap(state)[0]))
    assert architecture.options["num_stacks"] == count
    for mine, expected in stacks(network, made["heatmaps"]):
        deviation(TABLE["newell"], relative(mine, expected))


@pytest.mark.parametrize(
    "name, config",
    [
        ("hourglass52_mpii", "configs/hourglass_mpii_256.yml"),
        ("hourglass104_coco", "configs/hourglass_coco_256.yml"),
    ],
)
def test_mmposes_network(reference, name, config):
    made = reference("mmpose_checkpoint", f"{name}.")
    gain = float(reference("mmpose_checkpoint")["gain"])
    state = weights(json.loads(str(made["shapes"])), gain)
    conversion = convert(state)
    assert conversion.layout.name == "mmpose 1.x"
    architecture, network = build_with_weights(conversion)
    hint = fitting_config(conversion.layout, architecture)
    assert hint[0] == config and hint[-1] == "TopDownHourglass.shift_heatmap=true"
    assert architecture.options["stage_blocks"] == [2, 2, 2, 2, 2, 4]
    check_heatmaps(network, made["heatmaps"])

    def older(key):
        return f"keypoint_{key}" if key.startswith("head.") else key

    again = convert({older(key): array for key, array in state.items()})
    assert again.layout.name == "mmpose 0.x"
    assert again.weights.keys() == conversion.weights.keys()
    assert all(again.weights[key] is conversion.weights[key] for key in again.weights)


@pytest.mark.slow
@pytest.mark.skipif(not FOLDER.is_dir(), reason="PARITY_CHECKPOINTS names no folder")
@pytest.mark.parametrize(
    "name",
    [
        "bearpaw_hg8.pth.tar",
        "anibali_hg8.pth",
        "princeton_hg8.pt",
        "mmpose_0_hourglass52.pth",
        "mmpose_1_hourglass52.pth",
    ],
)
def test_full_size_files(tmp_path, name):
    pytest.importorskip("torch", reason="converting checkpoints needs PyTorch")
    if not (FOLDER / name).exists():
        pytest.skip(f"{name} was not written: PARITY_REPOSITORIES names no folder")
    out = tmp_path / "out.pdparams"
    command = ["-m", "ppdet_hourglass", "convert", FOLDER / name, out, "--verify"]
    assert f"weights={out}" in run(*command)

    state = paddle.load(str(out))
    shapes = {key: tuple(value.shape) for key, value in state.items()}
    mmposes = name.startswith("mmpose")
    network = build(derive("HourglassNet" if mmposes else "StackedHourglass", shapes))
    assert network.set_state_dict(state) == ([], [])
    with np.load(str(FOLDER / f"{name}.npz")) as made:
        check_heatmaps(network, made["heatmaps"])
