"""Runs of the command lines on a network of a few thousand parameters."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

import cv2  # noqa: F401  (before Paddle 2.6)
import paddle
import pytest
from paddle.utils import unique_name

from ppdet_hourglass.cli import main
from ppdet_hourglass.compat.config import config_scope
from ppdet_hourglass.trainer import HourglassTrainer

from ..conftest import ROOT
from ..networks import CONFIG, TINY, random_weights
from ..running import command
from .resumed import OPTIONS


def arguments(dataset, output, *options, config="hourglass_sample"):
    """Command-line arguments for the tiny network."""
    file = str(ROOT / f"configs/{config}.yml")
    folders = (f"dataset_dir={dataset}", f"save_dir={output}")
    return ["-c", file, "-o", *folders, *TINY, *options]


@pytest.fixture
def start(tmp_path):
    """Starts ``tools/NAME.py`` in a process of its own."""

    def start(name, *argv):
        return subprocess.Popen(
            [sys.executable, str(ROOT / f"tools/{name}.py"), *map(str, argv)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=str(tmp_path),
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            # A test run in the background ignores Ctrl-C, and its children with it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    return start


@pytest.fixture(scope="session")
def trained(sample_people, tmp_path_factory):
    """What three epochs with ``--eval`` left and logged; tests must not write there."""
    folder = tmp_path_factory.mktemp("trained")
    options = ("epoch=3", "LearningRate.base_lr=0.003")
    log = command("train", "--eval", *arguments(sample_people, folder, *options))
    return folder / "hourglass_sample", log


@pytest.fixture
def model(weights):
    """Arguments that name the tiny network of ``weights``."""
    return ["-c", CONFIG, "-o", f"weights={weights}", *TINY, "use_gpu=false"]


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """Folder of an exported network of two stacks, and the options of its config."""
    folder = tmp_path_factory.mktemp("exported")
    # DARK magnifies rounding on the flat heatmaps of a network that is not trained.
    options = [*TINY, "use_gpu=false", "HourglassNet.num_stacks=2"]
    options.append("TopDownHourglass.decoder=quarter")
    weights = random_weights(folder / "weights.pdparams", options, bias=1)
    options.append(f"weights={weights}")
    command("export", f"--output_dir={folder}", "-c", CONFIG, "-o", *options)
    return folder / "hourglass_sample", options


@pytest.fixture(scope="session")
def with_onnx(exported):
    """The folder, with ``model.onnx``."""
    if paddle.__version__.startswith("2."):
        pytest.skip("paddle2onnx needs Paddle 3")
    reason = "needs paddle2onnx and onnxruntime: pip install -e '.[deploy]'"
    pytest.importorskip("paddle2onnx", reason=reason)
    pytest.importorskip("onnxruntime", reason=reason)
    assert "heatmaps equal Paddle's to " in command("onnx", exported[0])
    return exported[0]


class Killed(BaseException):
    """The end of the process: no handler of errors sees it."""


@pytest.fixture
def training(sample_people, tmp_path, monkeypatch, config):
    """Trains in this process; can end at a place, and notes every step's loss."""
    stock = HourglassTrainer.on_step_end

    def on_step_end(self, status):
        place = (status["mode"], status["epoch_id"], status["step_id"])
        if place == train.kill_at:
            raise Killed
        if status["mode"] == "train":
            step = (self.figures["loss"].item(), status["learning_rate"])
            train.steps.setdefault(place[1:], []).append(step)
        stock(self, status)

    def train(*flags, out="out", options=(), kill_at=None):
        train.kill_at = kill_at
        argv = arguments(sample_people, tmp_path / out, *OPTIONS, *options)
        with config_scope(), unique_name.guard(), suppress(Killed):
            return main(["train", *argv, *map(str, flags)])
        return "killed"

    monkeypatch.setattr(HourglassTrainer, "on_step_end", on_step_end)
    train.steps = {}
    train.folder = lambda out="out": tmp_path / out / "hourglass_sample"
    return train


@pytest.fixture
def argv(sample_people, tmp_path):
    """Arguments of the same training for a process of its own."""
    return lambda *more: arguments(sample_people, tmp_path / "out", *OPTIONS, *more)
