"""The trainer's methods beside whole runs, which ``end_to_end/`` has."""

import types

import numpy as np
import paddle
import paddle.distributed as dist
import ppdet.metrics.keypoint_metrics as stock_metrics
import pytest
import yaml
from ppdet.core.workspace import create, load_config, register
from ppdet.engine import Trainer, TrainerCot
from ppdet.engine.callbacks import Checkpointer, LogPrinter
from ppdet.optimizer.optimizer import LinearWarmup, PiecewiseDecay

import ppdet_hourglass.plugin  # noqa: F401
from ppdet_hourglass import trainer as module
from ppdet_hourglass.compat.stock import STOCK_AP
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.trainer import HourglassTrainer, KeypointTrainer, trainer_class
from ppdet_hourglass.training import steps

from .conftest import ROOT, Messages, refused
from .training.test_checkpoints import keeper_of, status, trainer_in


class Config(dict):
    __getattr__ = dict.__getitem__


def fake(mode="eval", cls=HourglassTrainer, **cfg):
    """A trainer that was not built, only given what a method looks at."""
    trainer = object.__new__(cls)
    cfg.setdefault("architecture", "TopDownHourglass")
    vars(trainer).update(mode=mode, cfg=Config(cfg), loader=[None], dataset=[None])
    return trainer


@pytest.mark.parametrize(
    "cfg, expected",
    [
        ({"architecture": "TopDownHourglass"}, HourglassTrainer),
        ({"architecture": "TopDownHRNet", "metric": "PCK"}, KeypointTrainer),
        ({"architecture": "TopDownHRNet", "keypoints": "mpii"}, KeypointTrainer),
        ({"architecture": "TopDownHRNet", "metric": STOCK_AP}, Trainer),
    ],
)
def test_the_class_follows_the_config(cfg, expected):
    assert trainer_class(cfg) is expected
    assert type(Trainer.__new__(Trainer, cfg)) is expected
    assert type(Trainer.__new__(TrainerCot, cfg)) is TrainerCot


def test_the_checkpointer_is_replaced_for_hourglasses_alone(tmp_path):
    def callbacks(cls):
        options = {"save_dir": str(tmp_path), "filename": "", "log_iter": 1, "epoch": 1}
        trainer = fake("train", cls, **options)
        trainer.model, trainer.log_ranks = paddle.nn.Linear(1, 1), [0]
        trainer.dataset = types.SimpleNamespace(get_anno=None)
        trainer._init_callbacks()
        assert trainer._compose_callback._callbacks == trainer._callbacks
        return trainer, [type(callback) for callback in trainer._callbacks]

    assert callbacks(KeypointTrainer)[1] == [LogPrinter, Checkpointer]
    trainer, kinds = callbacks(HourglassTrainer)
    assert kinds == [LogPrinter, HourglassTrainer]
    assert trainer.snapshots.save_dir.startswith(str(tmp_path))


def init_metrics(trainer, validate=False):
    trainer._init_metrics(validate)
    return trainer._metrics


@pytest.fixture
def counting(config):
    """A metric of somebody else, registered by name."""

    class CountPeople:
        __category__ = "metric"
        made = 0

        def __init__(self, threshold=0.5):
            type(self).made += 1
            self.threshold = threshold

    # PaddleDetection finds the class in its module.
    globals()["CountPeople"] = CountPeople
    register(CountPeople)
    yield CountPeople
    del globals()["CountPeople"], config["CountPeople"]


def test_any_registered_metric_by_name_with_its_options(config, counting):
    config["CountPeople"]["threshold"] = 0.7
    (metric,) = init_metrics(fake(metric="CountPeople"))
    assert isinstance(metric, counting) and metric.threshold == 0.7


@pytest.mark.parametrize(
    "mode, cfg, validate, used, made",
    [
        ("test", {}, False, 0, 0),
        ("train", {}, False, 0, 0),
        ("train", {}, True, 1, 1),
        ("train", {"eval": True}, False, 0, 1),  # tried before training
    ],
)
def test_metrics_by_mode(counting, mode, cfg, validate, used, made):
    metrics = init_metrics(fake(mode, metric="CountPeople", **cfg), validate)
    assert len(metrics) == used and counting.made == made


def test_training_with_eval_needs_a_metric_that_scores(counting, monkeypatch):
    def refuse(self):
        raise UserError("no joints")

    monkeypatch.setattr(counting, "check_it_scores", refuse, raising=False)
    training = fake("train", metric="CountPeople", eval=True)
    assert refused(init_metrics, training) == "no joints"
    assert len(init_metrics(fake(metric="CountPeople"))) == 1


@pytest.mark.parametrize("mode, cfg", [("eval", {}), ("train", {"eval": True})])
def test_an_unknown_metric_is_an_error_at_once(config, mode, cfg):
    class Nobody:
        def __call__(self):
            return self

    config["EvalDataset"] = Nobody()
    message = refused(init_metrics, fake(mode, metric="PCKH", **cfg))
    assert "'metric'" in message and "'PCKH'" in message and "PCKh" in message


def test_nobody_to_train_on(config):
    trainer = fake("train", metric="PCKh", TrainReader={"batch_size": 8})
    trainer.loader = []
    message = refused(init_metrics, trainer)
    assert "1 people" in message and "TrainReader.batch_size = 8" in message


def test_stock_metrics_are_left_to_the_stock_chain(config):
    (metric,) = init_metrics(fake(metric="MOTDet"))
    assert type(metric).__name__ == "JDEDetMetric"


def test_stock_ap_measures_with_the_sets_sigmas(tmp_path):
    before = stock_metrics.COCOeval, stock_metrics.oks_nms
    seen = []

    def accumulate():
        used = stock_metrics.COCOeval(iouType="keypoints").params.kpt_oks_sigmas
        seen.extend([used, stock_metrics.oks_nms.keywords["sigmas"]])

    trainer = fake(metric=STOCK_AP, keypoints="coco")
    trainer._metrics = [types.SimpleNamespace(accumulate=accumulate)]
    trainer._use_own_sigmas()
    trainer._metrics[0].accumulate()
    sigmas = np.array(read_keypoints("coco").sigmas)
    assert all(np.array_equal(found, sigmas) for found in seen) and len(seen) == 2
    assert (stock_metrics.COCOeval, stock_metrics.oks_nms) == before

    path = tmp_path / "kite.yml"
    path.write_text(yaml.safe_dump({"joints": ["head", "tail"]}))
    trainer.cfg["keypoints"] = str(path)
    message = refused(trainer._use_own_sigmas)
    assert "'sigmas'" in message and str(path) in message and "metric: PCK" in message


@pytest.mark.parametrize(
    "use_gt_bbox, problem",
    [
        (True, "{}/annotations/person_keypoints_val2017.json does not exist"),
        (False, "bbox_file names no"),
    ],
)
def test_files_of_a_data_set_are_checked_first(config, tmp_path, use_gt_bbox, problem):
    cfg = load_config(str(ROOT / "configs/hourglass_coco_256.yml"))
    cfg["dataset_dir"] = str(tmp_path)
    cfg["EvalDataset"].use_gt_bbox = use_gt_bbox
    (tmp_path / "val2017").mkdir()
    assert problem.format(tmp_path) in refused(Trainer, cfg, mode="eval")


@pytest.fixture
def rate(config, monkeypatch):
    """Builds the schedule of 4 processes with 32 people each; gives it and the log."""
    messages = Messages()
    monkeypatch.setattr(dist, "get_world_size", lambda: 4)
    monkeypatch.setattr(steps.logger, "handlers", [messages])

    def build(warm_up=True, **keys):
        config.update(TrainReader={"batch_size": 32}, **keys)
        decay = PiecewiseDecay([0.1], [2], use_warmup=warm_up)
        warm = LinearWarmup(steps=10, start_factor=0.1)
        config["LearningRate"].update(base_lr=0.001, schedulers=[decay, warm])
        with steps.scaled_learning_rate(config):
            schedule = create("LearningRate")(step_per_epoch=100)
        assert config["LearningRate"]["base_lr"] == 0.001
        return schedule, messages.lines[0]

    return build


def rate_after(schedule, steps):
    schedule.step(steps)
    return schedule.get_lr()


def test_the_rate_is_not_scaled_by_default(rate):
    schedule, line = rate()
    assert "128 (4 x 32)" in line and "64" in line and "base_lr: 0.001," in line
    assert line.endswith("warm-up: 10 steps")
    assert rate_after(schedule, 50) == pytest.approx(0.001)


def test_a_rate_scaled_from_the_recipes_batch(rate):
    schedule, line = rate(auto_scale_lr=True)
    assert "base_lr: 0.002 = 0.001 x 128 / 64" in line
    rates = [rate_after(schedule, steps) for steps in (0, 50, 250)]
    assert rates == pytest.approx([0.0002, 0.002, 0.0002])


def test_the_recipe_may_have_another_batch(rate):
    schedule, line = rate(auto_scale_lr=True, recipe_batch_size=256, warm_up=False)
    assert line.endswith("base_lr: 0.0005 = 0.001 x 128 / 256")
    assert rate_after(schedule, 50) == pytest.approx(0.0005)


class Scaler:
    """A gradient scaler, which Paddle has on a GPU only."""

    def __init__(self, enable, init_loss_scaling):
        self.state = {"scale": init_loss_scaling}

    def state_dict(self):
        return dict(self.state)

    def load_state_dict(self, state):
        self.state = dict(state)


def test_the_scaler_is_saved_and_restored(tmp_path, monkeypatch, config):
    monkeypatch.setattr(module, "LossScaler", Scaler)
    stock = paddle.amp.GradScaler
    trainer = fake("train")
    trainer.amp = {"dtype": "float16"}
    trainer.snapshots = keeper = keeper_of(trainer_in(tmp_path))

    def train():
        with trainer._own_parts():
            scaler = paddle.amp.GradScaler(enable=True, init_loss_scaling=1024)
            scaler.state["scale"] *= 2
            keeper.save_within(status("train", 0, 1))
        return paddle.load(str(tmp_path / "0_1.pdstate"))["scaler"]

    keeper.scaler_state = train()
    assert keeper.scaler_state == {"scale": 2048}
    assert paddle.amp.GradScaler is stock
    assert train() == {"scale": 4096}
