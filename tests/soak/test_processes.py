"""Two processes under Paddle's launcher, stopped and killed: ``make soak``."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ..conftest import ROOT
from ..end_to_end.conftest import arguments
from ..end_to_end.test_resume import assert_equal_trainings, content

pytestmark = pytest.mark.slow

OPTIONS = ["epoch=4", "seed=3"]


def launch(people, folder, *flags):
    """Start a training in two processes; their logs are in ``folder/log``."""
    command = [sys.executable, "-m", "paddle.distributed.launch"]
    command += ["--nproc_per_node", "2", "--log_dir", str(folder / "log")]
    command += [str(ROOT / "tools/train.py"), "--eval", *flags]
    return subprocess.Popen(
        [*command, *arguments(people, folder, *OPTIONS)],
        env={**os.environ, "PADDLE_DISTRI_BACKEND": "gloo"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def log(folder, rank=0):
    path = folder / f"log/workerlog.{rank}"
    return path.read_text() if path.exists() else ""


def ranks(launcher):
    """The ids of the two trainers."""
    path = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children")
    pids = map(int, path.read_text().split())
    return [p for p in pids if b"train.py" in Path(f"/proc/{p}/cmdline").read_bytes()]


def wait_for(launcher, folder, pattern):
    while launcher.poll() is None and not re.search(pattern, log(folder)):
        time.sleep(0.02)


def test_two_processes_resume_exactly(sample_people, tmp_path):
    whole, folder = tmp_path / "whole", tmp_path / "out"
    assert launch(sample_people, whole).wait() == 0

    launcher = launch(sample_people, folder)
    wait_for(launcher, folder, r"Epoch: \[0\] \[0/")
    for pid in ranks(launcher):
        os.kill(pid, signal.SIGTERM)
    assert launcher.wait() != 0
    assert "SIGTERM: training stopped in epoch " in log(folder)

    launcher = launch(sample_people, folder, "-r", "auto")
    wait_for(launcher, folder, r"Epoch: \[2\] \[0/")
    os.kill(ranks(launcher)[1], signal.SIGKILL)
    assert launcher.wait() != 0

    assert launch(sample_people, folder, "-r", "auto").wait() == 0
    assert "resuming from " in log(folder)
    folders = (path / "hourglass_sample" for path in (whole, folder))
    assert_equal_trainings(*map(content, folders))
