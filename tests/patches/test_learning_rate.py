"""The learning rate and the global batch."""

import paddle.distributed as dist
import pytest
from ppdet.optimizer.optimizer import LearningRate, LinearWarmup, PiecewiseDecay
from ppdet.utils.logger import setup_logger

from ..conftest import Messages


@pytest.fixture
def build(config, monkeypatch):
    """Builds the schedule of 4 processes with 32 people each; gives it and the log."""
    logger = setup_logger("ppdet_hourglass.patches.learning_rate")
    messages = Messages()
    monkeypatch.setattr(dist, "get_world_size", lambda: 4)
    monkeypatch.setattr(logger, "handlers", [messages])

    def build(warm_up=True, **keys):
        config.update(architecture="TopDownHourglass", TrainReader={"batch_size": 32})
        config.update(keys)
        decay = PiecewiseDecay([0.1], [2], use_warmup=warm_up)
        rate = LearningRate(0.001, [decay, LinearWarmup(steps=10, start_factor=0.1)])
        schedule = rate(step_per_epoch=100)
        assert rate.base_lr == 0.001
        return schedule, messages.lines

    return build


def rate_after(schedule, steps):
    schedule.step(steps)
    return schedule.get_lr()


def test_off_by_default(build):
    schedule, lines = build()
    assert lines == [
        "global batch: 128 (4 x 32); the recipe's: 64; base_lr: 0.001, not scaled "
        "(auto_scale_lr is off); warm-up: 10 steps"
    ]
    assert rate_after(schedule, 50) == pytest.approx(0.001)


def test_scaled_from_the_recipes_batch(build):
    schedule, lines = build(auto_scale_lr=True)
    assert lines == [
        "global batch: 128 (4 x 32); the recipe's: 64; base_lr: 0.002 = 0.001 x 128 / "
        "64; warm-up: 10 steps"
    ]
    rates = [rate_after(schedule, steps) for steps in (0, 50, 250)]
    assert rates == pytest.approx([0.0002, 0.002, 0.0002])


def test_the_recipe_may_have_another_batch(build):
    schedule, lines = build(auto_scale_lr=True, recipe_batch_size=256, warm_up=False)
    assert lines[0].endswith("the recipe's: 256; base_lr: 0.0005 = 0.001 x 128 / 256")
    assert rate_after(schedule, 50) == pytest.approx(0.0005)


def test_other_configs_keep_theirs(build):
    schedule, lines = build(architecture="HRNet", auto_scale_lr=True)
    assert lines == [] and rate_after(schedule, 50) == pytest.approx(0.001)
