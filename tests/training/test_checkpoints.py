"""What the checkpointer says and keeps of the best evaluation."""

import json
import types

import paddle
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.training import checkpoints, snapshot
from ppdet_hourglass.training.checkpoints import SnapshotKeeper
from ppdet_hourglass.training.steps import LossWatch

from ..conftest import Messages


class Wrists:
    """A metric that does not name its figure."""

    def get_results(self):
        return {"keypoint": [self.figure]}


class KeyPointTopDownCOCOEval(Wrists):
    pass


class Named(Wrists):
    figure_name = "PCKh Mean"


class Config(dict):
    __getattr__ = dict.__getitem__


@pytest.fixture
def lines():
    """What the checkpointer logs."""
    handler = Messages()
    checkpoints.logger.addHandler(handler)
    yield handler.lines
    checkpoints.logger.removeHandler(handler)


class Network(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.layer = paddle.nn.Linear(2, 1)


def trainer_in(folder, **options):
    cfg = Config(save_dir=str(folder), filename="", epoch=9, snapshot_epoch=1, seed=3)
    cfg.update(options)
    network = Network()
    optimizer = paddle.optimizer.SGD(0.1, parameters=network.parameters())
    return types.SimpleNamespace(
        cfg=cfg, model=network, optimizer=optimizer, use_ema=False, log_ranks=[0]
    )


def keeper_of(trainer):
    return SnapshotKeeper(trainer, trainer.cfg.save_dir, LossWatch(None, None))


def status(mode, epoch, step=4):
    place = {"epoch_id": epoch, "step_id": step, "steps_per_epoch": 4}
    return {"mode": mode, **place, "save_best_model": mode == "eval"}


@pytest.fixture
def evaluate(tmp_path, lines):
    """Runs the checkpointer after an evaluation; returns what it says of the figure."""
    trainer = trainer_in(tmp_path)
    keeper = keeper_of(trainer)

    def run(epoch, figure, metric=Named):
        measured = metric()
        measured.figure = figure
        lines.clear()
        keeper.keep_best(status("eval", epoch), measured)
        return [line for line in lines if not line.startswith("Save checkpoint: ")]

    return run


def record(folder):
    facts = json.loads((folder / "best_model.json").read_text())
    return {key: facts[key] for key in ("figure", "epoch", "evaluated")}


def test_the_line_says_what_is_best(evaluate, tmp_path):
    assert evaluate(3, 81.234) == ["best PCKh Mean so far: 81.23, epoch 3"]
    assert evaluate(7, 87.3) == ["best PCKh Mean so far: 87.3, epoch 7"]
    assert evaluate(8, 80.0) == ["best PCKh Mean so far: 87.3, epoch 7"]
    assert record(tmp_path) == {"figure": 87.3, "epoch": 7, "evaluated": True}


def test_an_equal_figure_is_the_later_model(evaluate, tmp_path):
    evaluate(1, 50.0)
    assert evaluate(2, 50.0) == ["best PCKh Mean so far: 50, epoch 2"]
    assert record(tmp_path) == {"figure": 50.0, "epoch": 2, "evaluated": True}


def test_a_metric_that_does_not_name_its_figure(evaluate):
    assert evaluate(0, 0.5, metric=Wrists) == ["best Wrists so far: 0.5, epoch 0"]
    line = evaluate(1, 0.7342, metric=KeyPointTopDownCOCOEval)
    assert line == ["best AP so far: 0.7342, epoch 1"]


def names(folder):
    return [s.name for s in snapshot.snapshots(str(folder))[0]]


def test_old_snapshots_go_and_the_best_stays(tmp_path):
    trainer = trainer_in(tmp_path, keep_checkpoints=2)
    keeper, metric = keeper_of(trainer), Named()
    for epoch, figure in enumerate((50.0, 40.0, 30.0, 20.0)):
        keeper.save_epoch(status("train", epoch))
        metric.figure = figure
        keeper.keep_best(status("eval", epoch), metric)
    assert names(tmp_path) == ["3", "2", "best_model"]
    assert record(tmp_path)["epoch"] == 0
    assert snapshot.read(str(tmp_path), "3").facts["evaluated"]


def test_a_snapshot_within_an_epoch_goes_with_the_next(tmp_path):
    keeper = keeper_of(trainer_in(tmp_path))
    for step in (1, 3):
        keeper.save_within(status("train", 0, step))
    assert names(tmp_path) == ["0_3"]
    keeper.save_epoch(status("train", 0))
    assert names(tmp_path) == ["0"]


def test_snapshots_of_another_run_stay(tmp_path):
    for first in (0, 2):
        keeper = keeper_of(trainer_in(tmp_path, keep_checkpoints=1))
        for epoch in (first, first + 1):
            keeper.save_epoch(status("train", epoch))
    assert names(tmp_path) == ["3", "1"]


def test_weights_that_are_not_finite_are_not_written(tmp_path):
    trainer = trainer_in(tmp_path)
    keeper = keeper_of(trainer)
    keeper.save_epoch(status("train", 0))
    trainer.model.layer.bias.set_value(paddle.to_tensor([float("inf")]))
    with pytest.raises(UserError) as error:
        keeper.save_epoch(status("train", 1))
    message = str(error.value)
    assert "snapshot 1" in message and "layer.bias is not finite" in message
    assert f"{tmp_path}/0" in message
    assert names(tmp_path) == ["0"]


def test_a_damaged_best_model_is_not_believed(tmp_path, evaluate, lines):
    evaluate(0, 90.0)
    (tmp_path / "best_model.pdparams").write_bytes(b"torn")
    keeper = keeper_of(trainer_in(tmp_path))
    lines.clear()
    keeper.restore({})
    assert keeper.best is None and lines[0].startswith(
        "best_model is refused, and its figure forgotten: best_model.pdparams has 4 "
    )
