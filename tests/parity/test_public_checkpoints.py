"""Full-size checkpoints that ``write_checkpoints.py`` wrote, through the tool."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import paddle
import pytest

from ppdet_hourglass.convert.architecture import derive
from ppdet_hourglass.convert.network import build, heatmaps

from ..conftest import ROOT
from .references.newell import image

#: Of the largest heatmap value.
TOLERANCE = 1e-4

FOLDER = Path(os.environ.get("PARITY_CHECKPOINTS", "not set"))
BACKBONES = {"mmpose": "HourglassNet"}


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
def test_converted_heatmaps(tmp_path, name):
    pytest.importorskip("torch", reason="converting checkpoints needs PyTorch")
    if not (FOLDER / name).exists():
        pytest.skip(f"{name} was not written: PARITY_REPOSITORIES names no folder")
    out = tmp_path / "out.pdparams"
    command = ["-m", "ppdet_hourglass", "convert", str(FOLDER / name), str(out)]
    done = subprocess.run(
        [sys.executable, *command, "--verify"],
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert f"weights={out}" in done.stdout

    state = paddle.load(str(out))
    shapes = {key: tuple(value.shape) for key, value in state.items()}
    backbone = BACKBONES.get(name.split("_")[0], "StackedHourglass")
    network = build(derive(backbone, shapes))
    assert network.set_state_dict(state) == ([], [])
    with np.load(str(FOLDER / f"{name}.npz")) as made:
        theirs = made["heatmaps"]
    ours = np.concatenate(heatmaps(network, image(4 * theirs.shape[-1])))
    assert ours.shape == theirs.shape
    for mine, expected in zip(ours, theirs):
        assert np.abs(mine - expected).max() <= TOLERANCE * np.abs(expected).max()
