"""Two processes under Paddle's launcher, stopped and killed: ``make soak``."""

import os
import signal

import pytest

from ..end_to_end.conftest import arguments
from ..end_to_end.test_resume import assert_equal_trainings, content
from ..launching import ended, launch, log, ranks, wait_for

pytestmark = pytest.mark.slow

OPTIONS = ["epoch=4", "seed=3"]


def train(people, folder, *flags):
    argv = arguments(people, folder, *OPTIONS)
    return launch(folder, "tools/train.py", "--eval", *flags, *argv)


def test_two_processes_resume_exactly(sample_people, tmp_path):
    whole, folder = tmp_path / "whole", tmp_path / "out"
    ended(train(sample_people, whole), whole)

    launcher = train(sample_people, folder)
    wait_for(launcher, folder, r"Epoch: \[0\] \[0/")
    for pid in ranks(launcher):
        os.kill(pid, signal.SIGTERM)
    assert launcher.wait() != 0
    assert "SIGTERM: training stopped in epoch " in log(folder)

    launcher = train(sample_people, folder, "-r", "auto")
    wait_for(launcher, folder, r"Epoch: \[2\] \[0/")
    os.kill(ranks(launcher)[1], signal.SIGKILL)
    assert launcher.wait() != 0

    assert "resuming from " in ended(train(sample_people, folder, "-r", "auto"), folder)
    folders = (path / "hourglass_sample" for path in (whole, folder))
    assert_equal_trainings(*map(content, folders))
