"""A training that cannot go on says why; one that is stopped or killed is resumed."""

import os
import random
import re
import signal
import time

import pytest

from ppdet_hourglass.errors import WriteError
from ppdet_hourglass.metrics import pck_metric, results
from ppdet_hourglass.modeling.heatmap_loss import HeatmapLoss
from ppdet_hourglass.training import checkpoints, snapshot
from ppdet_hourglass.training.table import read_rows

from .resumed import (
    EMA,
    EVERY_STEP,
    assert_equal_trainings,
    children,
    content,
    lives,
    manifests,
)


def test_a_loss_that_is_not_finite(training, monkeypatch, capfd):
    heatmaps = HeatmapLoss.forward

    def forward(self, *args):
        factor = float("nan") if len(training.steps) == 5 else 1.0
        return [loss * factor for loss in heatmaps(self, *args)]

    monkeypatch.setattr(HeatmapLoss, "forward", forward)
    assert training(options=["log_iter=100"]) == 1
    message = capfd.readouterr()[1].splitlines()[-1]
    people = r"(\d) \((\d+)\.jpg\), (\d) \((\d+)\.jpg\)"
    assert re.match(
        r"error: the loss is nan in epoch 1, step 1, learning rate 0\.000436; records "
        rf"of the batch in \S+/mpii_train\.json: {people}; with FLAGS_check_nan_inf=1",
        message,
    )
    assert [p.name for p in manifests(training.folder())] == ["0.json"]


def test_a_full_disk(training, monkeypatch, capfd, caplog):
    stock, full = snapshot.write, [True]

    def write(folder, name, *args):
        if name == "1" or name == "model_final" and full[0]:
            raise OSError(28, "No space left on device")
        stock(folder, name, *args)

    monkeypatch.setattr(snapshot, "write", write)
    assert training() == 1
    folder = training.folder()
    err = capfd.readouterr()[1]
    assert re.search(
        rf"snapshot 1 cannot be written to {folder}: No space left on device; it takes "
        rf"0\.\d MB, and [\d.]+ MB are free; newest complete one: {folder}/0; training "
        "continues to the next",
        caplog.text,
    )
    assert err.splitlines()[-1] == (
        f"error: the last snapshot could not be written to {folder}; newest complete "
        f"one: {folder}/2"
    )
    full[0] = False
    assert training("-r", "auto") == 0
    assert (folder / "model_final.pdparams").exists()


def test_an_evaluation_on_a_full_disk(training, monkeypatch, caplog):
    stock, full = results.write_results, iter([True, False])

    def write(path, rows):
        if next(full, False):
            raise WriteError(f"{path} cannot be written: No space left on device")
        stock(path, rows)

    monkeypatch.setattr(pck_metric, "write_results", write)
    assert training("--eval", options=["epoch=2"]) == 0
    (line,) = [line for line in caplog.messages if "no evaluation of epoch" in line]
    assert "epoch 0" in line and "No space left on device" in line
    rows = read_rows(str(training.folder() / "results.csv"))
    assert [row["epoch"] for row in rows] == ["1"]


def test_two_runs_in_one_folder(start, training, argv, capfd):
    first = start("train", *argv("epoch=60"))
    next(line for line in first.stdout if "Epoch: [1]" in line)
    assert training() == 1 and not training.steps
    message = capfd.readouterr()[1].splitlines()[-1]
    assert str(training.folder()) in message and "save_dir" in message
    first.kill()
    first.communicate()
    assert training("-r", "auto", options=["epoch=1"]) == 0  # the lock died with it


def test_the_disk_is_looked_at_before_the_first_step(training, monkeypatch, capfd):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(checkpoints.shutil, "disk_usage", lambda folder: usage)
    assert training() == 1 and not training.steps
    assert re.fullmatch(
        rf"error: output folder {training.folder()} has 0\.0 MB free, but a snapshot "
        r"takes 0\.\d MB",
        capfd.readouterr()[1].splitlines()[-1],
    )


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_ends_the_run_after_the_step(start, training, argv, name):
    process = start("train", *argv("worker_num=2", "epoch=60"), "-r", "auto")
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Epoch: [1] [1/" in line:
            workers = children(process.pid)
            for pid in (process.pid, *workers):  # as a terminal or scheduler does
                os.kill(pid, getattr(signal, name))
    status = 128 + getattr(signal, name)
    assert process.wait() == status, "".join(lines)
    assert len(workers) >= 2 and not any(map(lives, workers))
    ((epoch, step),) = re.findall(
        rf"{name}: training stopped in epoch (\d+) before step (\d); -r auto resumes "
        rf"from {training.folder()}/\1_\2\n",
        lines[-1],
    )
    assert training("-r", "auto", options=[f"epoch={int(epoch) + 1}"]) == 0
    assert min(training.steps) == (int(epoch), int(step))


def test_workers_die_with_a_killed_trainer(start, argv):
    process = start("train", *argv("worker_num=2"))
    workers = []
    for line in process.stdout:
        if "Epoch: [0] [0/" in line:
            workers = children(process.pid)
            process.kill()
    process.wait()
    deadline = time.time() + 5
    while any(map(lives, workers)) and time.time() < deadline:
        time.sleep(0.05)
    assert len(workers) >= 2 and not any(map(lives, workers))


def test_a_kill_at_a_seeded_instant(start, argv, tmp_path):
    """One kill by the clock; ``make soak`` has many."""
    process = start("train", "--eval", *argv(*EMA, *EVERY_STEP))
    next(line for line in process.stdout if "Epoch: " in line)
    time.sleep(random.Random(5).uniform(0, 0.8))
    process.kill()
    process.communicate()
    # In processes of their own too: this one loaded Paddle with other settings.
    whole = argv(*EMA, f"save_dir={tmp_path}/whole")
    for command in ([*argv(*EMA), "-r", "auto"], whole):
        process = start("train", "--eval", *command)
        out, _ = process.communicate()
        assert process.returncode == 0, out
    folders = (tmp_path / out / "hourglass_sample" for out in ("whole", "out"))
    assert_equal_trainings(*map(content, folders))
