"""Patches of the trainer's loading of weights: refuse files that do not fit.

``Trainer.load_weights`` and ``Trainer.resume_weights`` skip what does not fit and go
on.  Patched, they refuse weights that fit no layer, weights that leave layers of an
evaluated hourglass empty, and a snapshot that is not complete.  Pre-training may
leave layers out (other keypoints, other heads); a warning names them.  They read
``.safetensors`` files too.
"""

from typing import Any, Callable

from ppdet.engine import Trainer
from ppdet.utils.logger import setup_logger

from ..compat.stock import is_ours
from ..compat.weights import load_weights
from ..errors import UserError
from ..training.resuming import resume
from .wrapping import wrap

logger = setup_logger(__name__)


def install() -> None:
    """Wrap the trainer's loading of weights; raises ImportError as ``wrap`` does."""
    wrap(Trainer, "load_weights", ["self", "weights"], _load_weights)
    wrap(Trainer, "resume_weights", ["self", "weights"], _resume_weights)


def _load_weights(
    stock: Callable[..., Any], self: Any, weights: str, *args: Any, **kwargs: Any
) -> Any:
    if not is_ours(self.cfg):
        return stock(self, weights, *args, **kwargs)
    if self.is_loaded_weights:
        return
    training = self.mode == "train"
    option = "pretrain_weights" if training else "weights"
    if not weights:
        raise UserError(f"config has no key '{option}': give -o {option}=FILE")
    self.start_epoch = 0
    load_weights(self.model, weights, not training, option)
    logger.info(f"loaded weights {weights}")


def _resume_weights(stock: Callable[..., Any], self: Any, weights: str) -> Any:
    if not is_ours(self.cfg):
        return stock(self, weights)
    if not resume(self, weights, stock) and self.cfg.get("pretrain_weights"):
        self.load_weights(self.cfg["pretrain_weights"])
