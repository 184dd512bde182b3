"""What is said and done about losses that are not finite, or grow."""

import types

import numpy as np
import paddle
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.training import loss_watch, nan_steps
from ppdet_hourglass.training.loss_watch import LossWatch
from ppdet_hourglass.training.nan_steps import NanFinder, NanStepSkipper

from ..conftest import Messages

BATCH = "records of the batch in people.json: 5 (a.jpg), 6 (b.jpg)"


class Order:
    def people(self, epoch, step):
        return [(5, "a.jpg"), (6, "b.jpg")]


class Config(dict):
    __getattr__ = dict.__getitem__


class Network(paddle.nn.Layer):
    """One layer with statistics; the loss is the mean of its output."""

    def __init__(self):
        super().__init__()
        self.norm = paddle.nn.BatchNorm1D(2)
        self.layer = paddle.nn.Linear(2, 1)

    def forward(self, data):
        loss = self.layer(self.norm(data["x"])).mean()
        return {"loss": loss, "highest": data["x"].max()}


@pytest.fixture
def trainer():
    network = Network()
    dataset = types.SimpleNamespace(get_anno=lambda: "people.json")
    return types.SimpleNamespace(
        cfg=Config(log_iter=3, max_nan_steps=1),
        model=network,
        optimizer=paddle.optimizer.Adam(0.1, parameters=network.parameters()),
        use_amp=False,
        loader=types.SimpleNamespace(dataset=dataset),
    )


@pytest.fixture
def lines():
    handler = Messages()
    loggers = (loss_watch.logger, nan_steps.logger)
    for logger in loggers:
        logger.addHandler(handler)
    yield handler.lines
    for logger in loggers:
        logger.removeHandler(handler)


def status(epoch, step):
    return {"mode": "train", "epoch_id": epoch, "step_id": step, "learning_rate": 0.1}


def run(trainer, callbacks, values, epoch=0):
    """Steps as the trainer makes them; ``values`` are the inputs."""
    for step, value in enumerate(values):
        for callback in callbacks:
            callback.on_step_begin(status(epoch, step))
        x = paddle.to_tensor([[value, 1.0], [value + 1, 2.0]], dtype="float32")
        trainer.model({"x": x})["loss"].backward()
        trainer.optimizer.step()
        trainer.optimizer.clear_grad()
        for callback in callbacks:
            callback.on_step_end(status(epoch, step))


def begin(*callbacks):
    for callback in callbacks:
        callback.on_train_begin({})
    return callbacks


def test_a_bad_loss_ends_the_run_when_it_is_read(trainer):
    watch = LossWatch(trainer, Order())
    begin(watch)
    with pytest.raises(UserError) as error:
        run(trainer, [watch], [1.0, float("nan"), 1.0, 1.0, 1.0])
    assert str(error.value) == (
        f"the loss is nan in epoch 0, step 1, learning rate 0.1; {BATCH}; -o "
        "debug_nan=true names the first tensor that is not finite"
    )
    assert [step.number for step in watch.unread] == [1, 2, 3]  # step 3 is logged


def test_losses_are_read_when_they_are_logged(trainer):
    watch = LossWatch(trainer, Order())
    begin(watch)
    heard = []
    watch.listeners.append(lambda step, means: heard.append((step.number, means)))
    run(trainer, [watch], [1.0, 2.0, 3.0, 4.0, 5.0, 9.0])
    assert watch.record["steps"] == 4 and len(watch.unread) == 2
    watch.on_epoch_end(status(0, 5))
    last = watch.record.pop("last")
    assert watch.record == {"first": watch.record["first"], "sums": {}, "steps": 0}
    assert (last["epoch"], last["learning_rate"]) == (0, 0.1)
    # The highest inputs are one more: 2; 3 to 5; 6 and 10.
    assert [(number, means["highest"]) for number, means in heard] == [
        (0, 2.0),
        (3, 4.0),
        (5, 8.0),
    ]
    assert last["highest"] == pytest.approx((2 + 3 + 4 + 5 + 6 + 10) / 6)
    losses = [means["loss"] for _, means in heard]
    expected = (losses[0] + 3 * losses[1] + 2 * losses[2]) / 6
    assert last["loss"] == pytest.approx(expected)


def test_evaluation_is_not_watched(trainer):
    watch = LossWatch(trainer, Order())
    begin(watch)
    trainer.model.eval()
    trainer.model({"x": paddle.ones([2, 2])})
    assert watch.loss is None


def test_a_growing_loss_is_a_warning(trainer, lines):
    watch = LossWatch(trainer, Order())
    watch.record = {"first": 0.5, "sums": {"loss": 6.0}, "steps": 4}
    watch.on_epoch_end(status(3, 3))
    assert lines == [
        "the mean loss of epoch 3, 1.5, exceeds the loss of the first step, 0.5: the "
        "training diverges; a lower LearningRate.base_lr or "
        "OptimizerBuilder.clip_grad_by_norm may help"
    ]
    watch.record = {"first": 0.5, "sums": {"loss": 2.0}, "steps": 4}
    watch.on_epoch_end(status(4, 3))
    assert len(lines) == 1


def test_a_skipped_step_changes_nothing(trainer, lines):
    watch = LossWatch(trainer, Order())
    skipper = NanStepSkipper(trainer, watch)
    begin(watch, skipper)
    run(trainer, [skipper, watch], [1.0, 2.0])
    before = {k: v.numpy() for k, v in trainer.model.state_dict().items()}
    run(trainer, [skipper, watch], [float("inf")], epoch=1)
    for name, value in trainer.model.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[name], name)
    (line,) = lines
    assert line.startswith("step skipped: the loss is nan in epoch 1, step 0")
    run(trainer, [skipper, watch], [1.0])
    assert any(
        (value.numpy() != before[name]).any()
        for name, value in trainer.model.state_dict().items()
    )
    with pytest.raises(UserError, match="; max_nan_steps were skipped before$"):
        run(trainer, [skipper, watch], [float("nan")])


def test_the_first_tensor_is_named(trainer):
    finder = NanFinder(trainer)
    begin(finder)
    run(trainer, [finder], [1.0])
    with pytest.raises(UserError) as error:
        run(trainer, [finder], [float("nan")])
    where = "is not finite in epoch 0, step 0"
    assert str(error.value) == f"debug_nan: the input 'x' {where}"
    trainer.model.layer.register_forward_pre_hook(
        lambda layer, x: (x[0] * 1e38 * 1e38,)
    )
    with pytest.raises(UserError) as error:
        run(trainer, [finder], [1.0])
    assert str(error.value) == f"debug_nan: the output of layer (Linear) {where}"


def test_a_gradient_is_named(trainer):
    finder = NanFinder(trainer)
    begin(finder)
    trainer.model.layer.weight.register_hook(lambda gradient: gradient * float("nan"))
    with pytest.raises(UserError) as error:
        run(trainer, [finder], [1.0])
    where = "is not finite in epoch 0, step 0"
    assert str(error.value) == f"debug_nan: the gradient of layer.weight {where}"
