"""Training with the fast reader begins with the stock reader's losses."""

import re

import pytest

from ..conftest import ROOT
from ..running import run
from .conftest import arguments

LEAF = f"""plugin: !!python/name:ppdet_hourglass.plugin.MANIFEST
_BASE_: [{ROOT}/configs/hourglass_sample.yml, {ROOT}/configs/_base_/reader_fast.yml]
"""


def test_first_losses(sample_people, tmp_path):
    (tmp_path / "fast.yml").write_text(LEAF)
    stock = tmp_path / "stock.yml"
    stock.write_text(
        LEAF.replace("_base_/reader_fast.yml", "_base_/reader.yml") + "worker_num: 0\n"
    )
    losses = []
    for config in ("stock.yml", "fast.yml"):
        options = ["TrainReader.shuffle=false", "trainsize=[128,128]", "use_gpu=false"]
        argv = arguments(sample_people, tmp_path / "output", *options)
        argv[1] = str(tmp_path / config)
        out = run(ROOT / "tools/train.py", "--enable_ce", "true", *argv)
        losses.append([float(loss) for loss in re.findall(r"loss: ([\d.]+)", out)])
    assert len(losses[0]) == 4
    assert losses[1] == pytest.approx(losses[0], rel=0.01)
