"""The checkpointer's patch: ``best_model`` stays the best across a resumption.

PaddleDetection's checkpointer forgets the best figure when a training ends, so the
first evaluation after ``-r`` would overwrite a better ``best_model``.  Wrapped, it
leaves the figure in ``best_model.json`` beside the weights, and a resumed training
starts from it.
"""

import functools
import json
import os
from typing import Any, Callable

from ppdet.engine.callbacks import Checkpointer
from ppdet.utils.logger import setup_logger

from ..files import write_whole
from .wrapping import wrap

logger = setup_logger(__name__)

RECORD = "best_model.json"


def install() -> None:
    """Wrap the checkpointer.

    Raises:
        ImportError: the checkpointer is not what this module expects.
    """
    names = Checkpointer.__init__.__code__.co_names
    if not {"best_ap", "save_dir"} <= set(names):
        raise ImportError(
            "ppdet_hourglass expects PaddleDetection's Checkpointer to set best_ap and "
            "save_dir; this version is not supported"
        )
    wrap(Checkpointer, "on_epoch_end", ["self", "status"], _recording)


def _recording(stock: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(stock)
    def on_epoch_end(self: Any, status: Any) -> None:
        before = self.best_ap
        stock(self, status)
        if self.best_ap != before:
            record = {"figure": float(self.best_ap), "epoch": status["epoch_id"]}
            path = os.path.join(self.save_dir, RECORD)
            write_whole(path, json.dumps(record).encode())

    return on_epoch_end


def restore(trainer: Any) -> None:
    """Give a resumed trainer's checkpointer the figure of its ``best_model``."""
    for callback in trainer._callbacks:
        path = os.path.join(getattr(callback, "save_dir", ""), RECORD)
        if isinstance(callback, Checkpointer) and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                record = json.load(file)
            callback.best_ap = record["figure"]
            logger.info(
                f"best model so far: {record['figure']:.3f}, epoch {record['epoch']}"
            )
