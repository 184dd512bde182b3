"""What the checkpointer says and keeps of the best evaluation."""

import json
import types

import pytest
from ppdet.engine import Trainer
from ppdet.engine.callbacks import Checkpointer

from ppdet_hourglass import plugin  # noqa: F401  (installs the patches)
from ppdet_hourglass.patches import checkpointer

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
def lines(monkeypatch):
    """What the checkpointer logs; it saves nothing."""
    monkeypatch.setattr(checkpointer, "save_model", lambda *args, **kwargs: None)
    handler = Messages()
    checkpointer.logger.addHandler(handler)
    yield handler.lines
    checkpointer.logger.removeHandler(handler)


@pytest.fixture
def evaluate(tmp_path, lines):
    """Runs the checkpointer after an evaluation; returns its lines."""
    cfg = Config(save_dir=str(tmp_path), filename="", epoch=9, snapshot_epoch=1)
    network = types.SimpleNamespace(state_dict=dict)
    trainer = types.SimpleNamespace(
        cfg=cfg, model=network, optimizer=None, use_ema=False, log_ranks=[0]
    )
    keeper = checkpointer.BestKeeper(trainer)

    def run(epoch, figure, metric=Named):
        trainer._metrics = [metric()]
        trainer._metrics[0].figure = figure
        lines.clear()
        status = {"mode": "eval", "epoch_id": epoch, "save_best_model": True}
        keeper.on_epoch_end(status)
        return list(lines)

    return run


def record(folder):
    return json.loads((folder / "best_model.json").read_text())


def test_the_line_says_what_is_best(evaluate, tmp_path):
    assert evaluate(3, 81.234) == ["best PCKh Mean so far: 81.23, epoch 3"]
    assert evaluate(7, 87.3) == ["best PCKh Mean so far: 87.3, epoch 7"]
    assert evaluate(8, 80.0) == ["best PCKh Mean so far: 87.3, epoch 7"]
    assert record(tmp_path) == {"figure": 87.3, "epoch": 7}


def test_an_equal_figure_is_the_later_model(evaluate, tmp_path):
    evaluate(1, 50.0)
    assert evaluate(2, 50.0) == ["best PCKh Mean so far: 50, epoch 2"]
    assert record(tmp_path) == {"figure": 50.0, "epoch": 2}


def test_a_metric_that_does_not_name_its_figure(evaluate):
    assert evaluate(0, 0.5, metric=Wrists) == ["best Wrists so far: 0.5, epoch 0"]
    line = evaluate(1, 0.7342, metric=KeyPointTopDownCOCOEval)
    assert line == ["best AP so far: 0.7342, epoch 1"]


def test_other_architectures_keep_the_stock_checkpointer():
    def callbacks(architecture):
        cfg = Config(
            architecture=architecture, save_dir="x", filename="", log_iter=1, epoch=1
        )
        trainer = types.SimpleNamespace(
            cfg=cfg, mode="train", model=types.SimpleNamespace(), log_ranks=[0]
        )
        Trainer._init_callbacks(trainer)
        assert trainer._compose_callback._callbacks == trainer._callbacks
        return [type(callback) for callback in trainer._callbacks]

    assert Checkpointer in callbacks("TopDownHRNet")
    ours = callbacks("TopDownHourglass")
    assert checkpointer.BestKeeper in ours and Checkpointer not in ours
