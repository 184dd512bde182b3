"""Patch of the learning rate: ``auto_scale_lr`` fits it to the number of processes.

A recipe's ``base_lr`` is for one global batch, ``recipe_batch_size``: the people of all
processes' batches together.  With ``auto_scale_lr: true`` the rate is multiplied by
global batch / ``recipe_batch_size`` (Goyal et al. 2017, section 2.1, for SGD).  The
warm-up keeps its number of steps, and the milestones are epochs anyway.
"""

from typing import Any, Callable

import paddle.distributed as dist
from ppdet.core.workspace import global_config
from ppdet.optimizer import LearningRate
from ppdet.utils.logger import setup_logger

from ..compat.stock import is_ours
from .wrapping import replaced, wrap

logger = setup_logger(__name__)

#: Default of the config's ``recipe_batch_size``: the published recipe on MPII.
RECIPE_BATCH = 64


def install() -> None:
    """Wrap the learning rate; raises ImportError as ``wrap`` does."""
    wrap(LearningRate, "__call__", ["self", "step_per_epoch"], _build)


def _build(stock: Callable[..., Any], self: Any, step_per_epoch: int) -> Any:
    if not is_ours(global_config):
        return stock(self, step_per_epoch)
    processes, size = dist.get_world_size(), global_config["TrainReader"]["batch_size"]
    recipe = global_config.get("recipe_batch_size", RECIPE_BATCH)
    rate, text = self.base_lr, f"{self.base_lr:g}, not scaled (auto_scale_lr is off)"
    if global_config.get("auto_scale_lr"):
        rate *= processes * size / recipe
        text = f"{rate:g} = {self.base_lr:g} x {processes * size} / {recipe}"
    logger.info(
        f"global batch: {processes * size} ({processes} x {size}); the recipe's: "
        f"{recipe}; base_lr: {text}{_warm_up(self)}"
    )
    with replaced(self, base_lr=rate):
        return stock(self, step_per_epoch)


def _warm_up(rate: Any) -> str:
    if not rate.schedulers[0].use_warmup or len(rate.schedulers) < 2:
        return ""
    warm_up = vars(rate.schedulers[1])
    unit = "epochs" if warm_up.get("epochs") is not None else "steps"
    return f"; warm-up: {warm_up[unit]} {unit}"
