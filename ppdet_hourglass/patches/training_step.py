"""Steps of the trainer's loop: steps that do not wait, precision, and CPU threads.

Stock, the loop reads the loss from the device after every step, so that the device
idles while Python prepares the next; mixed precision is float16 with a loss scale too
small for heatmaps; Adam updates one parameter after another; and a CPU trains on one
core.  Patched, for hourglass configs, the loss is read only when it is logged,
``amp_dtype`` and a larger scale take effect, Adam is one operation, and on a CPU the
cores share each convolution.
"""

import functools
import os
from collections import OrderedDict, deque
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, Optional

import numpy as np
import paddle
import paddle.distributed as dist
from paddle import Tensor
from ppdet.optimizer import OptimizerBuilder
from ppdet.utils import stats
from ppdet.utils.logger import setup_logger

from ..compat.stock import ARCHITECTURES
from ..modeling.threaded_conv import is_available, use_threads
from .wrapping import expect, replaced, wrap

logger = setup_logger(__name__)

#: Initial loss scale in float16.  PaddleDetection's 1024 flushes a fifth of this loss's
#: gradients to zero; from 2^18 on, float16 loses 0.13 % (docs/speed.md).
LOSS_SCALE = 2.0**20


def install() -> None:
    """Wrap the training loop; raises ImportError as ``wrap`` does."""
    expect(stats.TrainingStats, "__init__", ["self", "window_size", "delimiter"])
    expect(stats.TrainingStats, "log", ["self", "extras"])
    expect(paddle.amp, "auto_cast", ["enable"])
    parameters = ["self", "learning_rate", "model"]
    wrap(OptimizerBuilder, "__call__", parameters, _build_optimizer)


@contextmanager
def quick_steps(trainer: Any) -> Iterator[None]:
    """Let the steps of an hourglass's trainer be quick, while it trains."""
    cast = paddle.amp.auto_cast
    if trainer.use_amp and trainer.amp_level == "O1":
        cast = functools.partial(cast, dtype=amp_dtype(trainer.cfg))
        trainer.cfg.setdefault("init_loss_scaling", LOSS_SCALE)
    if not trainer.cfg.get("to_static"):
        share_cores(trainer.model)
    with replaced(stats, TrainingStats=LateStats), replaced(paddle.amp, auto_cast=cast):
        yield


def _build_optimizer(
    stock: Callable[..., Any], self: Any, learning_rate: Any, model: Any = None
) -> Any:
    """Let Adam update all parameters in one operation; the results are equal."""
    if type(model).__name__ in ARCHITECTURES and self.optimizer["type"] == "Adam":
        self.optimizer = {"use_multi_tensor": True, **self.optimizer}
    return stock(self, learning_rate, model)


def amp_dtype(cfg: Any) -> str:
    """The config's ``amp_dtype``; by default bfloat16 where the device has it."""
    chosen = cfg.get("amp_dtype")
    if chosen is None:
        has_it = paddle.amp.is_bfloat16_supported()
        chosen = "bfloat16" if has_it else "float16"
    logger.info(f"mixed precision: {chosen}")
    return chosen


def share_cores(model: paddle.nn.Layer) -> None:
    """On a CPU, let its cores share the convolutions."""
    if paddle.get_device() != "cpu":
        return
    if not hasattr(os, "sched_getaffinity"):  # not Linux
        return
    cores = len(os.sched_getaffinity(0)) // dist.get_world_size()
    threads = cores // int(os.environ.get("OMP_NUM_THREADS", cores or 1))
    if threads > 1 and is_available():
        use_threads(model, threads)
        logger.info(f"training on the CPU: {threads} threads share each convolution")


class LateStats(stats.TrainingStats):
    """Training figures that stay on the device until they are shown.

    Args:
        window_size: number of steps whose median is shown.
        delimiter: text between two figures.
    """

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

    def log(self, extras: Optional[Dict[str, Any]] = None) -> "_Later":
        """The line of the log, which the stock callback asks for at every step."""
        return _Later(lambda: super(LateStats, self).log(extras))


class _Later:
    """Text that is made when it is formatted."""

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make

    def __str__(self) -> str:
        return self._make()
