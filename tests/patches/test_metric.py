import types

import pytest
from ppdet.core.workspace import register
from ppdet.engine import Trainer

from ppdet_hourglass import patches
from ppdet_hourglass.compat import stock as keys
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.patches import metric

from ..conftest import refused


class Config(dict):
    __getattr__ = dict.__getitem__


def trainer(mode="eval", **cfg):
    cfg.setdefault("architecture", "TopDownHourglass")
    return types.SimpleNamespace(
        mode=mode, cfg=Config(cfg), _metrics=None, loader=[None], dataset=[None]
    )


def init_metrics(fake, validate=False):
    Trainer._init_metrics(fake, validate)
    return fake._metrics


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
    (metric,) = init_metrics(trainer(metric="CountPeople"))
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
    metrics = init_metrics(trainer(mode, metric="CountPeople", **cfg), validate)
    assert len(metrics) == used and counting.made == made


def test_training_with_eval_needs_a_metric_that_scores(counting, monkeypatch):
    def refuse(self):
        raise UserError("no joints")

    monkeypatch.setattr(counting, "check_it_scores", refuse, raising=False)
    training = trainer("train", metric="CountPeople", eval=True)
    assert refused(init_metrics, training) == "no joints"
    assert len(init_metrics(trainer(metric="CountPeople"))) == 1


def test_unknown_metric_is_an_error_at_once():
    message = refused(init_metrics, trainer("train", metric="PCKH"))
    assert message.startswith("config key 'metric': unknown metric 'PCKH'; known: ")
    assert "PCKh" in message and "KeyPointTopDownCOCOEval" in message


def test_stock_metrics_are_left_to_the_stock_chain(config):
    (metric,) = init_metrics(trainer(metric="MOTDet"))
    assert type(metric).__name__ == "JDEDetMetric"


def test_another_trainer_fails_loudly(monkeypatch):
    monkeypatch.setattr(Trainer, "_init_metrics", lambda self: None)
    with pytest.raises(ImportError) as error:
        patches.install()
    assert "expects Trainer._init_metrics(self, validate)" in str(error.value)
    assert "found ['self']" in str(error.value)
    with pytest.raises(ImportError, match="no comparison of cfg.metric"):
        metric.stock_metrics(init_metrics)


def test_joints_key_follows_the_installed_transforms(monkeypatch):
    assert keys.JOINTS_KEY in ("joints", "gt_joints")

    class NewTransform:
        def __call__(self, sample):
            return sample["keypoints"]

    monkeypatch.setattr(keys, "ToHeatmapsTopDown", NewTransform)
    with pytest.raises(ImportError, match="neither 'gt_joints' nor 'joints'"):
        keys._joints_key()
