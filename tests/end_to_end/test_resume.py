"""A training that ends anywhere and is resumed ends as if it had not."""

import json
import os

import paddle
import pytest

from ppdet_hourglass.compat.config import PLUGIN_LINE

from ..conftest import ROOT
from .resumed import (
    EMA,
    EPOCHS,
    EVERY_STEP,
    STEPS,
    assert_equal_trainings,
    content,
    manifests,
)


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
    (drawn,) = {json.loads(p.read_text())["seed"] for p in manifests(training.folder())}
    assert training("-r", "auto", options=["seed=null"]) == 0
    assert {
        json.loads(p.read_text())["seed"] for p in manifests(training.folder())
    } == {drawn}


def test_resume_in_the_config(training, caplog, tmp_path):
    config = tmp_path / "hourglass_sample.yml"
    base = ROOT / "configs/hourglass_sample.yml"
    config.write_text(f"{PLUGIN_LINE}\n_BASE_: [{base}]\nresume: auto\n")
    flags = ["-c", config]  # argparse takes the last
    assert training(*flags, kill_at=("train", 2, 1)) == "killed"
    assert "has no snapshot: training starts" in caplog.text
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
        "start from scratch, use another save_dir or move them away"
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
        line = capfd.readouterr()[1].splitlines()[-1]
        assert f"{path}.pdparams" in line and f"{name} is not finite" in line
