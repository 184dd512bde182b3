"""The same run with the unchanged tools of a PaddleDetection checkout."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ppdet_hourglass import checkout

from ..conftest import ROOT
from .conftest import TINY

EVAL = re.compile(r"\[EVAL\] .*")


@pytest.fixture
def stock():
    """The checkout, with the configs installed while the test runs."""
    root = os.environ.get("PADDLEDETECTION_ROOT")
    if not root:
        pytest.skip(
            "set PADDLEDETECTION_ROOT to a PaddleDetection checkout to run this"
        )
    folder = Path(root).resolve()
    before = sorted(path.name for path in (folder / "configs").iterdir())
    checkout.install(str(folder))
    yield folder
    checkout.uninstall(str(folder))
    assert sorted(path.name for path in (folder / "configs").iterdir()) == before


def run(folder, *argv):
    search = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, *map(str, argv)],
        cwd=str(folder),
        env={**os.environ, "PYTHONPATH": search},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def test_stock_tools_train_evaluate_and_export(stock, sample_people, tmp_path):
    common = ["-c", "configs/hourglass_sample.yml"]
    options = ["use_gpu=false", f"dataset_dir={sample_people}", *TINY, "epoch=2"]
    out = tmp_path / "out"
    options.append(f"save_dir={out}")

    log = run(stock, "tools/train.py", *common, "--eval", "-o", *options)
    logged = EVAL.findall(log)
    assert len(logged) == 2
    (best,) = out.rglob("best_model.pdparams")

    log = run(stock, "tools/eval.py", *common, "-o", *options, f"weights={best}")
    means = [float(re.search(r" Mean=([\d.]+)", line).group(1)) for line in logged]
    assert EVAL.findall(log) == [logged[1] if means[1] >= means[0] else logged[0]]
    print(log[-1500:])

    run(
        stock,
        "tools/export_model.py",
        *common,
        f"--output_dir={tmp_path}/export",
        "-o",
        *options,
        f"weights={best}",
    )
    (exported,) = (tmp_path / "export").rglob("infer_cfg.yml")
    assert "arch: HRNet" in exported.read_text()
