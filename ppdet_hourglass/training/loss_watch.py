"""Watching the loss: a loss that is not finite ends the training.

The losses stay on the device and are read when the log line is, so that no step waits.
"""

import math
from typing import Any, Dict, List, NamedTuple, Optional

import paddle
from ppdet.engine.callbacks import Callback
from ppdet.utils.logger import setup_logger

from ..errors import UserError
from .sample_order import SampleOrder

logger = setup_logger(__name__)


class Step(NamedTuple):
    """A step of the training whose loss has not been read yet."""

    epoch: int
    number: int
    rate: float
    loss: paddle.Tensor


class LossWatch(Callback):
    """Reads the losses now and then, and judges them.

    Args:
        trainer: PaddleDetection's trainer.
        order: tells the people of a batch.

    Attributes:
        loss: loss of the present step, on the device; None if it does not count.
        record: the training's first loss, sum and number of the epoch's losses, and of
            the ``last`` complete epoch: its number, mean loss and last learning rate.
    """

    def __init__(self, trainer: Any, order: SampleOrder) -> None:
        super().__init__(trainer)
        self.order = order
        self.loss: Optional[paddle.Tensor] = None
        self.unread: List[Step] = []
        self.rate = 0.0
        self.record: Dict[str, Any] = {"first": None, "sum": 0.0, "steps": 0}

    def on_train_begin(self, status: Any) -> None:
        """Listen to the network."""
        self.model.model.register_forward_post_hook(self._hear)

    def _hear(self, network: Any, inputs: Any, outputs: Any) -> None:
        if network.training:
            self.loss = outputs["loss"].detach()

    def on_step_end(self, status: Any) -> None:
        """Note the step's loss; read the losses if this step is logged."""
        if status["mode"] != "train" or self.loss is None:
            return
        epoch, number = status["epoch_id"], status["step_id"]
        self.unread.append(Step(epoch, number, status["learning_rate"], self.loss))
        if number % self.model.cfg.log_iter == 0:
            self.read()

    def read(self) -> None:
        """Read the losses of the steps since the last call.

        Raises:
            UserError: one is not finite; names the step and its people.
        """
        if not self.unread:
            return
        losses = paddle.stack([step.loss.reshape([]) for step in self.unread]).numpy()
        for step, loss in zip(self.unread, losses.astype(float).tolist()):
            if not math.isfinite(loss):
                raise UserError(self.described(step, loss))
            if self.record["first"] is None:
                self.record["first"] = loss
            self.record["sum"] += loss
            self.record["steps"] += 1
            self.rate = step.rate
        self.unread.clear()

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
        mean = self.record["sum"] / steps
        if mean > first:
            logger.warning(
                f"the mean loss of epoch {status['epoch_id']}, {mean:.4g}, exceeds the "
                f"loss of the first step, {first:.4g}: the training diverges; a lower "
                "LearningRate.base_lr or OptimizerBuilder.clip_grad_by_norm may help"
            )
        last = {"epoch": status["epoch_id"], "loss": mean, "learning_rate": self.rate}
        self.record.update(sum=0.0, steps=0, last=last)
