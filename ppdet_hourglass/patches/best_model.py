"""The checkpointer's patch: ``best_model`` stays the best across a resumption.

PaddleDetection's checkpointer forgets the best figure when a training ends, so the
first evaluation after ``-r`` would overwrite a better ``best_model``.  Wrapped, it
leaves the figure in ``best_model.json`` beside the weights, and a resumed training
starts from it.  Its line "Best test keypoint ap is ..." says which figure it is.
"""

import functools
import json
import logging
import os
from typing import Any, Callable

from ppdet.engine import callbacks
from ppdet.engine.callbacks import Checkpointer
from ppdet.utils.logger import setup_logger

from ..compat.architecture import is_ours
from ..files import write_whole
from .keypoint_set import STOCK_AP
from .wrapping import wrap

logger = setup_logger(__name__)

RECORD = "best_model.json"

#: How the checkpointer's own line begins, whatever the metric.
STOCK_LINE = "Best test "


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
        if not is_ours(self.model.cfg) or status["mode"] != "eval":
            return stock(self, status)
        (metric,) = self.model._metrics
        (figure, *_) = metric.get_results().get("keypoint", [float("nan")])
        is_best = figure >= self.best_ap
        if is_best:
            self.best = {"figure": float(figure), "epoch": status["epoch_id"]}
        wording = _Wording(self, _name(metric))
        callbacks.logger.addFilter(wording)
        try:
            stock(self, status)
        finally:
            callbacks.logger.removeFilter(wording)
        if is_best:
            path = os.path.join(self.save_dir, RECORD)
            write_whole(path, json.dumps(self.best).encode())
        return None

    return on_epoch_end


def _name(metric: Any) -> str:
    """What the first figure of a metric is called."""
    name = type(metric).__name__
    return getattr(metric, "figure_name", "AP" if name == STOCK_AP else name)


class _Wording(logging.Filter):
    """Says which figure is the best: to the checkpointer, each is a "keypoint ap"."""

    def __init__(self, checkpointer: Checkpointer, name: str) -> None:
        super().__init__()
        self.checkpointer = checkpointer
        self.figure_name = name

    def filter(self, record: logging.LogRecord) -> bool:
        """Reword the stock line, and let every line pass."""
        best = getattr(self.checkpointer, "best", None)
        if best is not None and record.getMessage().startswith(STOCK_LINE):
            record.msg, record.args = _line(self.figure_name, best), ()
        return True


def _line(name: str, best: Any) -> str:
    return f"best {name} so far: {best['figure']:.4g}, epoch {best['epoch']}"


def restore(trainer: Any) -> None:
    """Give a resumed trainer's checkpointer the figure of its ``best_model``."""
    for callback in trainer._callbacks:
        path = os.path.join(getattr(callback, "save_dir", ""), RECORD)
        if isinstance(callback, Checkpointer) and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                callback.best = json.load(file)
            callback.best_ap = callback.best["figure"]
            logger.info(_line("model", callback.best))
