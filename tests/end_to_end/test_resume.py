"""A training that ends anywhere and is resumed ends as if it had not."""

import json
import os
import random
import re
import signal
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import paddle
import pytest
from paddle.utils import unique_name

from ppdet_hourglass.cli import main
from ppdet_hourglass.compat.config import PLUGIN_LINE, config_scope
from ppdet_hourglass.modeling.losses.heatmap_loss import HeatmapLoss
from ppdet_hourglass.training import checkpointer, snapshot
from ppdet_hourglass.training.loss_watch import LossWatch
from ppdet_hourglass.training.run_table import AFTER, read_rows

from ..conftest import ROOT
from .conftest import arguments

EPOCHS, STEPS = 4, 4
OPTIONS = [f"epoch={EPOCHS}", "seed=7"]
EMA = ["use_ema=true", "ema_decay=0.9"]
EVERY_STEP = ["snapshot_minutes=0.000001"]


class Killed(BaseException):
    """The end of the process: no handler of errors sees it."""


@pytest.fixture
def training(sample_people, tmp_path, monkeypatch, config):
    """Trains in this process; can end at a place, and notes every step's loss."""
    stock = LossWatch.on_step_end

    def on_step_end(self, status):
        place = (status["mode"], status["epoch_id"], status["step_id"])
        if place == train.kill_at:
            raise Killed
        if status["mode"] == "train":
            step = (self.loss.item(), status["learning_rate"])
            train.steps.setdefault(place[1:], []).append(step)
        stock(self, status)

    def train(*flags, out="out", options=(), kill_at=None):
        train.kill_at = kill_at
        argv = arguments(sample_people, tmp_path / out, *OPTIONS, *options)
        with config_scope(), unique_name.guard(), suppress(Killed):
            return main(["train", *argv, *map(str, flags)])
        return "killed"

    monkeypatch.setattr(LossWatch, "on_step_end", on_step_end)
    train.steps = {}
    train.folder = lambda out="out": tmp_path / out / "hourglass_sample"
    return train


@pytest.fixture
def argv(sample_people, tmp_path):
    """Arguments of the same training for a process of its own."""
    return lambda *more: arguments(sample_people, tmp_path / "out", *OPTIONS, *more)


def content(folder):
    """Everything that a training leaves, apart from names of runs."""
    values = {}
    for path in sorted(folder.glob("*.pd*")):
        if path.stem in ("model_final", "best_model"):
            for name, tensor in flat(paddle.load(str(path)), path.name):
                values[name] = tensor
    best = json.loads((folder / "best_model.json").read_text())
    rows = read_rows(str(folder / "results.csv"))
    assert len(rows) > 1
    table = [[row[name] for name in row if name not in AFTER] for row in rows]
    return values, best["figure"], best["epoch"], table


def flat(state, prefix):
    for name, value in state.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}.{name}")
        else:
            yield f"{prefix}.{name}", np.asarray(value)


def assert_equal_trainings(first, second):
    assert first[1:] == second[1:]
    assert first[0].keys() == second[0].keys() and len(first[0]) > 100
    different = [k for k in first[0] if not np.array_equal(first[0][k], second[0][k])]
    assert not different


@pytest.mark.parametrize("options", [(), EMA, ["worker_num=2"]])
def test_a_resumed_training_is_the_same(training, options):
    assert training("--eval", out="whole", options=options) == 0
    expected, training.steps = training.steps, {}
    flags = ["--eval", "-r", "auto"]
    often = [*options, *EVERY_STEP]
    for place in (("train", 0, 2), ("train", 1, 0), ("eval", 1, 0), ("train", 2, 3)):
        assert training(*flags, options=often, kill_at=place) == "killed"
    assert training(*flags, options=options) == 0
    assert len(expected) == EPOCHS * STEPS
    assert training.steps.keys() == expected.keys()
    for place, made in training.steps.items():
        assert set(made) == set(expected[place])
    whole, resumed = content(training.folder("whole")), content(training.folder())
    assert_equal_trainings(whole, resumed)


def test_workers_do_not_change_the_training(training):
    for number in (0, 1, 3):
        options = [f"worker_num={number}"]
        assert training("--eval", out=f"of_{number}", options=options) == 0
    first, *others = [content(training.folder(f"of_{n}")) for n in (0, 1, 3)]
    for other in others:
        assert_equal_trainings(first, other)


def test_a_drawn_seed_is_kept(training):
    training("--eval", options=["seed=null"], kill_at=("train", 1, 0))
    (drawn,) = {json.loads(p.read_text())["seed"] for p in _manifests(training)}
    assert training("-r", "auto", options=["seed=null"]) == 0
    assert {json.loads(p.read_text())["seed"] for p in _manifests(training)} == {drawn}


def _manifests(training):
    folder = training.folder()
    others = ("keypoints_results", "versions")
    return [p for p in folder.glob("*.json") if p.stem not in others]


def test_resume_in_the_config(training, caplog, tmp_path):
    config = tmp_path / "hourglass_sample.yml"
    base = ROOT / "configs/hourglass_sample.yml"
    config.write_text(f"{PLUGIN_LINE}\n_BASE_: [{base}]\nresume: auto\n")
    flags = ["-c", config]  # argparse takes the last
    assert training(*flags, kill_at=("train", 2, 1)) == "killed"
    assert "has no snapshot: training starts anew" in caplog.text
    assert training(*flags) == 0
    assert f"{training.folder()}/1: epoch 1, after 4 of 4" in caplog.text
    assert len(training.steps[(1, 3)]) == 1 and len(training.steps[(2, 0)]) == 2


def test_the_newest_that_is_whole_is_taken(training, caplog):
    training("--eval", options=["keep_checkpoints=2"], kill_at=("train", 3, 1))
    folder = training.folder()
    assert sorted(p.name for p in folder.glob("?.*")) == [
        *("1.json", "1.pdopt", "1.pdparams"),
        *("2.json", "2.pdopt", "2.pdparams"),
    ]
    for path in folder.glob("best_model.*"):
        path.unlink()
    os.truncate(folder / "2.pdopt", 1000)
    assert training("-r", folder) == 0
    log = caplog.text
    assert "snapshot 2 is refused: 2.pdopt has 1000 bytes, not " in log
    assert f"resuming from {folder}/1: epoch 1, after 4 of 4 steps" in log


def test_a_finished_training_is_made_longer(training):
    options = ["snapshot_epoch=3", *EMA]
    assert training("--eval", options=[*options, "epoch=2"], kill_at=("eval", 1, 0))
    assert training("--eval", "-r", "auto", options=[*options, "epoch=3"]) == 0
    assert sorted(training.steps) == [(e, s) for e in range(3) for s in range(STEPS)]
    best = json.loads((training.folder() / "best_model.json").read_text())
    assert best["epoch"] == 2  # the second epoch is none that is evaluated any more
    for trained in paddle.load(str(training.folder() / "best_model.pdparams")).values():
        assert paddle.isfinite(trained).all()


def test_nothing_whole_is_an_error(training, capfd):
    training(kill_at=("train", 1, 1))
    folder = training.folder()
    (folder / "0.pdopt").unlink()
    assert training("-r", "auto") == 1
    assert capfd.readouterr()[1].splitlines()[-1] == (
        f"error: no snapshot in {folder} can be resumed: 0: 0.pdopt is missing; to "
        "start anew, use another save_dir or move these files away"
    )
    assert training("-r", folder / "0.pdparams") == 1
    line = (
        f"error: -r {folder}/0.pdparams: 0.pdopt is missing; to start from weights "
        "alone use -o pretrain_weights=FILE"
    )
    assert capfd.readouterr()[1].splitlines()[-1] == line


def test_weights_that_are_not_finite_are_refused(training, capfd):
    training(kill_at=("train", 1, 1))
    path = str(training.folder() / "0")
    weights = paddle.load(f"{path}.pdparams")
    name = next(iter(weights))
    weights[name] = paddle.full_like(weights[name], float("nan"))
    paddle.save(weights, f"{path}.pdparams")
    os.remove(f"{path}.json")
    for arguments_ in (["-r", path], []):
        options = [] if arguments_ else [f"pretrain_weights={path}.pdparams"]
        assert training(*arguments_, options=options) == 1
        option = "-r" if arguments_ else "pretrain_weights"
        assert capfd.readouterr()[1].splitlines()[-1] == (
            f"error: weights {path}.pdparams ({option}): {name} is not finite"
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
        rf"of the batch in \S+/mpii_train\.json: {people}; -o debug_nan=true names",
        message,
    )
    assert [p.name for p in _manifests(training)] == ["0.json"]

    training.steps.clear()
    assert training("--debug_nan") == 1
    assert capfd.readouterr()[1].splitlines()[-1] == (
        "error: debug_nan: the output of loss (HeatmapLoss) is not finite in epoch 1, "
        "step 1"
    )


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
        "goes on to the next",
        caplog.text,
    )
    assert err.splitlines()[-1] == (
        f"error: the last snapshot could not be written to {folder}; newest complete "
        f"one: {folder}/2"
    )
    full[0] = False
    assert training("-r", "auto") == 0
    assert (folder / "model_final.pdparams").exists()


def test_the_disk_is_looked_at_before_the_first_step(training, monkeypatch, capfd):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(checkpointer.shutil, "disk_usage", lambda folder: usage)
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
            workers = _children(process.pid)
            for pid in (process.pid, *workers):  # as a terminal or scheduler does
                os.kill(pid, getattr(signal, name))
    status = 128 + getattr(signal, name)
    assert process.wait() == status, "".join(lines)
    assert len(workers) >= 2 and not any(map(_lives, workers))
    ((epoch, step),) = re.findall(
        rf"{name}: training stopped in epoch (\d+) before step (\d); -r auto goes on "
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
            workers = _children(process.pid)
            process.kill()
    process.wait()
    deadline = time.time() + 5
    while any(map(_lives, workers)) and time.time() < deadline:
        time.sleep(0.05)
    assert len(workers) >= 2 and not any(map(_lives, workers))


def _children(pid):
    task = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in task.read_text().split()]


def _lives(pid):
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return not status.rpartition(")")[2].startswith(" Z")


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
