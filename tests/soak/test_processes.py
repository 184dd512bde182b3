"""Two processes under Paddle's launcher, stopped and killed: ``make soak``."""

import os
import signal
import time
from pathlib import Path

import pytest

from ..end_to_end.conftest import arguments
from ..end_to_end.resumed import assert_equal_trainings, content
from ..launching import ended, launch, log, ranks, wait_for

pytestmark = pytest.mark.slow

OPTIONS = ["epoch=4", "seed=3"]


#: What lets Paddle's launcher start a failed job again; etcd's client is a stand-in.
RESTART = ("--master", "etcd://none:0", "--elastic_level", "1", "--max_restart", "1")


def train(people, folder, *flags, more=(), **launcher):
    argv = arguments(people, folder, *OPTIONS, *more)
    return launch(folder, "tools/train.py", "--eval", *flags, *argv, **launcher)


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


def test_a_killed_process_ends_the_job(sample_people, tmp_path):
    launcher = train(sample_people, tmp_path)
    wait_for(launcher, tmp_path, r"Epoch: \[0\] \[1/")
    other, killed = ranks(launcher)
    os.kill(killed, signal.SIGKILL)
    since = time.monotonic()
    assert launcher.wait() != 0
    seconds = time.monotonic() - since
    print(f"the launcher ended {seconds:.1f} s after the kill")
    assert seconds < 60 and not Path(f"/proc/{other}").exists()
    assert "Container failed !!!" in (tmp_path / "launcher").read_text()


def test_a_restarted_job_goes_on(sample_people, tmp_path):
    whole, folder = tmp_path / "whole", tmp_path / "out"
    ended(train(sample_people, whole), whole)

    path = [os.path.dirname(__file__), os.environ.get("PYTHONPATH", "")]
    again = {"options": RESTART, "PYTHONPATH": os.pathsep.join(path)}
    launcher = train(sample_people, folder, more=["resume=auto"], **again)
    wait_for(launcher, folder, r"Epoch: \[2\] \[0/")
    os.kill(ranks(launcher)[1], signal.SIGKILL)
    assert "resuming from " in ended(launcher, folder)
    folders = (path / "hourglass_sample" for path in (whole, folder))
    assert_equal_trainings(*map(content, folders))
