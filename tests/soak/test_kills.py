"""Trainings killed at random instants, a third of them within a write: ``make soak``.

Every one must end with the weights of a training that was left alone.
"""

import itertools
import os
import random
import subprocess
import time

import numpy as np
import paddle
import pytest

from ppdet_hourglass.training import snapshot

from ..end_to_end.conftest import arguments
from ..end_to_end.resumed import EMA, assert_equal_trainings, content

pytestmark = pytest.mark.slow

#: Ways to train, which take turns; each writes a snapshot after every step.
WAYS = ([], [*EMA, "worker_num=2"], ["worker_num=2"])
OPTIONS = ["epoch=6", "seed=3", "snapshot_minutes=0.000001"]

#: Longest time in seconds from the first step to the kill.
LONGEST = 1.5


def launch(start, people, folder, way):
    argv = arguments(people, folder, *OPTIONS, *way)
    return start("train", "--eval", *argv, "-r", "auto")


def finished(process):
    """Let a training end; returns whether it was killed before."""
    out, _ = process.communicate()
    assert process.returncode in (0, -9), out[-3000:]
    return process.returncode == 0


def kill(process, folder, chance, within_write):
    """Kill a training after its first step; returns whether it was writing."""
    for line in process.stdout:
        if "Epoch: " in line:
            break
    time.sleep(chance.uniform(0, LONGEST))
    while within_write and process.poll() is None and not staged(folder):
        pass
    process.kill()
    return staged(folder)


def staged(folder):
    try:
        return any(name.endswith(snapshot.STAGED) for name in os.listdir(folder))
    except FileNotFoundError:
        return False


def best_figure(folder):
    """Figure of the best model; -1 if there is none yet.  Its weights must be whole."""
    path = folder / "best_model.pdparams"
    if not path.exists():
        return -1
    weights = paddle.load(str(path))
    assert all(np.isfinite(w.numpy()).all() for w in weights.values())
    return snapshot.read(str(folder), "best_model").facts["figure"]


def test_kills_at_random_instants(start, sample_people, tmp_path, kills):
    chance = random.Random(int(os.environ.get("SOAK_SEED", "0")))
    whole = []
    for number, way in enumerate(WAYS):
        assert finished(launch(start, sample_people, tmp_path / f"whole{number}", way))
        whole.append(content(tmp_path / f"whole{number}/hourglass_sample"))
    done = within = 0
    for round_ in itertools.count():
        way = round_ % len(WAYS)
        out = tmp_path / str(round_)
        folder = out / "hourglass_sample"
        figure = -1
        while True:
            process = launch(start, sample_people, out, WAYS[way])
            if done < kills:
                writing = kill(process, folder, chance, within_write=done % 2 == 0)
            if finished(process):
                break
            done += 1
            within += writing
            assert best_figure(folder) >= figure
            figure = best_figure(folder)
        assert_equal_trainings(whole[way], content(folder))
        if done >= kills:
            break
    print(f"\n{done} kills, {within} within a write; {round_ + 1} trainings, all equal")
    assert within >= kills // 3


def test_a_file_system_that_is_full(start, sample_people, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=500k", "none", str(disk)]
    try:
        mounted = subprocess.run(mount, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("needs the right to mount a small file system")
    try:
        process = launch(start, sample_people, disk, [])
        out, _ = process.communicate()
        assert process.returncode == 1
        last = out.splitlines()[-1]
        assert last.startswith("error: the last snapshot could not be written to ")
        assert "No space left on device; it takes " in out and "Traceback" not in out
        found, refused = snapshot.snapshots(str(disk / "hourglass_sample"))
        assert found and not refused and not any(map(snapshot.defect, found))
        subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
        assert finished(launch(start, sample_people, disk, []))
        assert finished(launch(start, sample_people, tmp_path / "whole", []))
        folders = (disk / "hourglass_sample", tmp_path / "whole/hourglass_sample")
        assert_equal_trainings(*map(content, folders))
    finally:
        subprocess.run(["umount", str(disk)], check=True)
