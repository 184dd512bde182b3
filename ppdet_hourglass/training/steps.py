"""Learning rate, precision and loss of a step, without waiting for the device.

The stock loop reads the loss from the device after every step, so the device idles
while Python prepares the next.  Its mixed precision is float16 with a loss scale too
small for heatmaps, a CPU trains on one core, and a loss that is not finite does not
stop the run.
"""

import math
import os
from collections import OrderedDict, deque
from contextlib import contextmanager
from inspect import signature
from typing import (
    Any,
    Callable,
    Dict,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
)

import numpy as np
import paddle
import paddle.distributed as dist
from paddle import Tensor
from ppdet.utils.logger import setup_logger
from ppdet.utils.stats import TrainingStats

from ..errors import UserError
from ..modeling.threaded_conv import is_available, use_threads

logger = setup_logger(__name__)

#: Initial loss scale in float16.  PaddleDetection's 1024 flushes a fifth of this loss's
#: gradients to zero; from 2^18 on, float16 loses 0.13 % (docs/speed.md).
LOSS_SCALE = 2.0**20

#: Default of the config's ``recipe_batch_size``: the published recipe on MPII.
RECIPE_BATCH = 64


def amp_dtype(cfg: Any) -> str:
    """The config's ``amp_dtype``; by default bfloat16 where the device has it."""
    has_it = paddle.amp.is_bfloat16_supported()
    return cfg.get("amp_dtype") or ("bfloat16" if has_it else "float16")


def share_cores(model: paddle.nn.Layer) -> None:
    """On a CPU, let its cores share the convolutions."""
    if paddle.get_device() != "cpu" or not hasattr(os, "sched_getaffinity"):
        return
    cores = len(os.sched_getaffinity(0)) // dist.get_world_size()
    threads = cores // int(os.environ.get("OMP_NUM_THREADS", cores or 1))
    if threads > 1 and is_available():
        use_threads(model, threads)
        logger.info(f"training on the CPU: {threads} threads share each convolution")


def drop_fused(builder: Any) -> None:
    """Drop ``use_multi_tensor`` if ``-o`` selects an optimiser without it."""
    chosen = builder["optimizer"]
    kind = getattr(paddle.optimizer, chosen["type"], None)
    if kind and "use_multi_tensor" not in signature(kind.__init__).parameters:
        builder["optimizer"] = {
            name: value for name, value in chosen.items() if name != "use_multi_tensor"
        }


@contextmanager
def scaled_learning_rate(cfg: Any) -> Iterator[None]:
    """Fit ``LearningRate.base_lr`` to the global batch while the schedule is built.

    A recipe's ``base_lr`` is for one global batch, ``recipe_batch_size``: the people
    of all processes' batches together.  With ``auto_scale_lr: true`` the rate is
    multiplied by global batch / ``recipe_batch_size`` (Goyal et al. 2017, section 2.1,
    for SGD).  The warm-up keeps its number of steps, and the milestones are epochs.
    """
    options = cfg["LearningRate"]
    base = options["base_lr"]
    processes, size = dist.get_world_size(), cfg["TrainReader"]["batch_size"]
    recipe = cfg.get("recipe_batch_size", RECIPE_BATCH)
    rate, text = base, f"{base:g}, not scaled (auto_scale_lr is off)"
    if cfg.get("auto_scale_lr"):
        rate = base * processes * size / recipe
        text = f"{rate:g} = {base:g} x {processes * size} / {recipe}"
    decay, *warm_ups = options["schedulers"]
    for warm_up in warm_ups if getattr(decay, "use_warmup", True) else ():
        given = warm_up if isinstance(warm_up, dict) else vars(warm_up)
        unit = "epochs" if given.get("epochs") is not None else "steps"
        text += f"; warm-up: {given.get(unit)} {unit}"
    logger.info(
        f"global batch: {processes * size} ({processes} x {size}); the recipe's: "
        f"{recipe}; base_lr: {text}"
    )
    options["base_lr"] = rate
    try:
        yield
    finally:
        options["base_lr"] = base


class LossScaler(paddle.amp.GradScaler):
    """Paddle's scaler, whose overflow message fails with NumPy 2.4 and later."""

    def _update(self) -> None:
        # Paddle 2.6 spells the attribute with a typing error.
        found = getattr(self, "_cache_found_inf", None)
        found = getattr(self, "_cache_founf_inf", found)
        is_due = self._decr_count + 1 >= self._decr_every_n_nan_or_inf
        if not (self._enable and found and is_due):
            super()._update()
            return
        self._incr_count = self._decr_count = 0
        lower = self._scale * self._decr_ratio
        logger.info(
            f"a gradient overflowed: the loss scale drops from {self._scale.item():g} "
            f"to {lower.item():g}"
        )
        self._scale = lower


class LateStats(TrainingStats):
    """Figures of the log line; they stay on the device until they are shown."""

    def update(self, stats: Dict[str, Tensor]) -> None:
        """Keep a step's figures, scalar tensors."""
        if self.meters is None:
            self.meters = {key: deque(maxlen=self.window_size) for key in stats}
        for key, values in self.meters.items():
            values.append(stats[key].detach())

    def get(self, extras: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
        """``extras``, and the medians as text; waits for the device."""
        shown = OrderedDict(extras or {})
        for key, values in self.meters.items():
            window = paddle.stack(list(values)).numpy()
            shown[key] = format(np.median(window), ".6f")
        return shown

    def log(self, extras: Optional[Dict[str, Any]] = None) -> "Later":
        """The figures as text, which PaddleDetection asks for at every step."""
        return Later(lambda: super(LateStats, self).log(extras))


class Later:
    """Text that is computed when it is formatted."""

    def __init__(self, make: Callable[[], str]) -> None:
        self.make = make

    def __str__(self) -> str:
        return self.make()


class Step(NamedTuple):
    """A step whose figures, scalar tensors by name, have not been read yet."""

    epoch: int
    number: int
    rate: float
    figures: Dict[str, Tensor]


class LossWatch:
    """Reads the figures of the steps with each log line, and checks the losses.

    ``people`` gives record and image of each person in this process's batch of an epoch
    and step, and ``annotations`` the file that holds them, for messages.

    Attributes:
        record: the run's first loss, sums of the epoch's figures by name and the number
            of its steps, and of the ``last`` complete epoch: its number, mean figures
            and last learning rate.  Snapshots keep it.
        listeners: called after each reading, with the last step that was read and the
            mean figures of those that were.
    """

    def __init__(
        self,
        people: Callable[[int, int], Sequence[Tuple[int, str]]],
        annotations: Callable[[], str],
    ) -> None:
        self.people, self.annotations = people, annotations
        self.unread: List[Step] = []
        self.rate = 0.0
        self.record: Dict[str, Any] = {"first": None, "sums": {}, "steps": 0}
        self.listeners: List[Callable[[Step, Dict[str, float]], None]] = []

    def note(self, status: Any, figures: Dict[str, Tensor]) -> None:
        """Note a step's figures, the loss among them, without reading them."""
        place = (status["epoch_id"], status["step_id"], status["learning_rate"])
        self.unread.append(Step(*place, figures))

    def read(self) -> None:
        """Read the figures since the last call; UserError if a loss is not finite."""
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
            batch = self.people(step.epoch, step.number)
            people = ", ".join(f"{record} ({image})" for record, image in batch)
            place = (
                f"epoch {step.epoch}, step {step.number}, learning rate {step.rate:.6g}"
            )
            where = f"records of the batch in {self.annotations()}: {people}"
            remedy = "with FLAGS_check_nan_inf=1 set, Paddle names the operation"
            raise UserError(f"the loss is {loss} in {place}; {where}; {remedy}")
        if record["first"] is None:
            record["first"] = loss
        sums = record["sums"]
        record["sums"] = {key: sums.get(key, 0.0) + figures[key] for key in figures}
        record["steps"] += 1
        self.rate = step.rate

    def end_epoch(self, epoch: int) -> None:
        """Read the last losses, and compare the epoch's mean with the first loss."""
        self.read()
        first, steps = self.record["first"], self.record["steps"]
        if not steps:  # a resumed run evaluates an epoch that is complete
            return
        means = {name: total / steps for name, total in self.record["sums"].items()}
        mean = means["loss"]
        if mean > first:
            logger.warning(
                f"the mean loss of epoch {epoch}, {mean:.4g}, exceeds the loss of the "
                f"first step, {first:.4g}: training diverges; a lower "
                "LearningRate.base_lr or OptimizerBuilder.clip_grad_by_norm may help"
            )
        last = {"epoch": epoch, **means, "learning_rate": self.rate}
        self.record.update(sums={}, steps=0, last=last)
