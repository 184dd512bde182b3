"""Runs of the command lines on a network of a few thousand parameters."""

import os
import signal
import subprocess
import sys

import pytest

from ..conftest import ROOT

#: Overrides that make the sample network tiny and its training one short epoch.
TINY = (
    "HourglassNet.downsample_times=2",
    "HourglassNet.stage_channels=[8,8,8]",
    "HourglassNet.stage_blocks=[1,1,1]",
    "HourglassNet.feat_channels=8",
    "TrainReader.batch_size=2",
    "EvalReader.batch_size=2",
    "epoch=1",
    "snapshot_epoch=1",
    "log_iter=1",
    "worker_num=0",
)


def arguments(dataset, output, *options, config="hourglass_sample"):
    """Command-line arguments for the tiny network."""
    return [
        "-c",
        str(ROOT / f"configs/{config}.yml"),
        "-o",
        f"dataset_dir={dataset}",
        f"save_dir={output}",
        *TINY,
        *options,
    ]


@pytest.fixture
def tool(tmp_path):
    """Starts ``tools/NAME.py`` in a process of its own."""

    def start(name, *argv, root=ROOT, wait=True):
        process = subprocess.Popen(
            [sys.executable, str(root / f"tools/{name}.py"), *map(str, argv)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=str(tmp_path),
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            # A test run in the background ignores Ctrl-C, and its children with it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        if not wait:
            return process
        out, _ = process.communicate()
        assert process.returncode == 0, out[-3000:]
        return out

    return start


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """Random weights of the tiny network, for prediction."""
    from ..predict.networks import OVERRIDES, random_weights

    folder = tmp_path_factory.mktemp("network")
    return random_weights(folder / "random.pdparams", OVERRIDES)


@pytest.fixture
def model(weights):
    """Arguments that name the tiny network of ``weights``."""
    from ..predict.networks import CONFIG

    return ["-c", CONFIG, "-o", f"weights={weights}", *TINY, "use_gpu=false"]
