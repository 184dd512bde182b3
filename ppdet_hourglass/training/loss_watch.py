"""Watching the loss: a loss that is not finite ends the training.

The losses, and the other figures of a step, stay on the device and are read when the
log line is, so that no step waits.
"""

import math
from typing import Any, Callable, Dict, List, NamedTuple, Optional

import paddle
from ppdet.engine.callbacks import Callback
from ppdet.utils.logger import setup_logger

from ..errors import UserError
from .sample_order import SampleOrder

logger = setup_logger(__name__)


class Step(NamedTuple):
    """A step of the training whose figures have not been read yet."""

    epoch: int
    number: int
    rate: float
    figures: Dict[str, paddle.Tensor]


class LossWatch(Callback):
    """Reads the losses now and then, and judges them.

    Args:
        trainer: PaddleDetection's trainer.
        order: tells the people of a batch.

    Attributes:
        loss: loss of the present step, on the device; None if it does not count.
        figures: all scalars that the network returned, the loss among them.
        record: the training's first loss, sums of the epoch's figures by name and the
            number of its steps, and of the ``last`` complete epoch: its number, mean
            figures and last learning rate.
        listeners: called after each reading, with the last step that was read and the
            mean figures of those that were.
    """

    def __init__(self, trainer: Any, order: SampleOrder) -> None:
        super().__init__(trainer)
        self.order = order
        self.loss: Optional[paddle.Tensor] = None
        self.figures: Dict[str, paddle.Tensor] = {}
        self.unread: List[Step] = []
        self.rate = 0.0
        self.record: Dict[str, Any] = {"first": None, "sums": {}, "steps": 0}
        self.listeners: List[Callable[[Step, Dict[str, float]], None]] = []

    def on_train_begin(self, status: Any) -> None:
        """Listen to the network."""
        self.model.model.register_forward_post_hook(self._hear)

    def _hear(self, network: Any, inputs: Any, outputs: Any) -> None:
        if network.training:
            self.figures = {key: value.detach() for key, value in outputs.items()}
            self.loss = self.figures["loss"]

    def on_step_end(self, status: Any) -> None:
        """Note the step's figures; read them if this step is logged."""
        if status["mode"] != "train" or self.loss is None:
            return
        epoch, number = status["epoch_id"], status["step_id"]
        self.unread.append(Step(epoch, number, status["learning_rate"], self.figures))
        if number % self.model.cfg.log_iter == 0:
            self.read()

    def read(self) -> None:
        """Read the figures of the steps since the last call.

        Raises:
            UserError: a loss is not finite; names the step and its people.
        """
        if not self.unread:
            return
        names = list(self.unread[0].figures)
        flat = [
            step.figures[name].reshape([]) for step in self.unread for name in names
        ]
        values = paddle.stack(flat).numpy().astype(float).reshape(-1, len(names))
        for step, row in zip(self.unread, values.tolist()):
            self._count(step, dict(zip(names, row)))
        means = dict(zip(names, values.mean(axis=0).tolist()))
        last = self.unread[-1]
        self.unread.clear()
        for listener in self.listeners:
            listener(last, means)

    def _count(self, step: Step, figures: Dict[str, float]) -> None:
        """Add a step to the epoch; raise :class:`UserError` if its loss is bad."""
        loss, record = figures["loss"], self.record
        if not math.isfinite(loss):
            raise UserError(self.described(step, loss))
        if record["first"] is None:
            record["first"] = loss
        sums = record["sums"]
        record["sums"] = {key: sums.get(key, 0.0) + figures[key] for key in figures}
        record["steps"] += 1
        self.rate = step.rate

    def described(self, step: Step, loss: float) -> str:
        """A loss that is not finite, in words."""
        batch = self.order.people(step.epoch, step.number)
        people = ", ".join(f"{record} ({image})" for record, image in batch)
        return (
            f"the loss is {loss} in epoch {step.epoch}, step {step.number}, learning "
            f"rate {step.rate:.6g}; records of the batch in "
            f"{self.model.loader.dataset.get_anno()}: {people}; -o debug_nan=true "
            "names the first tensor that is not finite"
        )

    def on_epoch_end(self, status: Any) -> None:
        """Read the last losses, and compare the epoch's mean with the first loss."""
        if status["mode"] != "train":
            return
        self.read()
        first, steps = self.record["first"], self.record["steps"]
        if not steps:  # a resumed training evaluates an epoch that is complete
            return
        means = {name: total / steps for name, total in self.record["sums"].items()}
        mean = means["loss"]
        if mean > first:
            logger.warning(
                f"the mean loss of epoch {status['epoch_id']}, {mean:.4g}, exceeds the "
                f"loss of the first step, {first:.4g}: the training diverges; a lower "
                "LearningRate.base_lr or OptimizerBuilder.clip_grad_by_norm may help"
            )
        last = {"epoch": status["epoch_id"], **means, "learning_rate": self.rate}
        self.record.update(sums={}, steps=0, last=last)
