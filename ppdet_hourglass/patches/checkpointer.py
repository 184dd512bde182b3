"""Patch of the trainer's callbacks: a checkpointer that remembers the best figure.

PaddleDetection's checkpointer forgets the best figure when a training ends, so that
the first evaluation after ``-r`` would overwrite a better ``best_model``.  It also
calls every figure "keypoint ap".
"""

import json
import os
from typing import Any, Callable, Dict, Optional

import paddle.distributed as dist
from ppdet.engine import Trainer
from ppdet.engine.callbacks import Checkpointer, ComposeCallback
from ppdet.utils.checkpoint import save_model
from ppdet.utils.logger import setup_logger

from ..compat.architecture import is_ours
from ..files import read_json, write_whole
from .stock_ap import STOCK_AP
from .wrapping import wrap

logger = setup_logger(__name__)

#: File beside ``best_model`` that holds its figure and epoch.
RECORD = "best_model.json"


def install() -> None:
    """Wrap the trainer's choice of callbacks.

    Raises:
        ImportError: the trainer or its checkpointer is not what this module expects.
    """
    names = Checkpointer.__init__.__code__.co_names
    if not {"best_ap", "save_dir"} <= set(names):
        raise ImportError(
            "ppdet_hourglass expects PaddleDetection's Checkpointer to set best_ap and "
            "save_dir; this version is not supported"
        )
    wrap(Trainer, "_init_callbacks", ["self"], _init_callbacks)


def _init_callbacks(stock: Callable[..., None], self: Any) -> None:
    stock(self)
    if is_ours(self.cfg) and self.mode == "train":
        self._callbacks = [
            BestKeeper(self) if type(callback) is Checkpointer else callback
            for callback in self._callbacks
        ]
        self._compose_callback = ComposeCallback(self._callbacks)


class BestKeeper(Checkpointer):
    """Writes ``best_model`` only when the figure improves, also in a resumed training.

    It stores the best figure and its epoch in ``best_model.json`` beside the weights.
    The stock checkpointer saves the snapshots.

    Args:
        trainer: PaddleDetection's trainer.
    """

    def __init__(self, trainer: Any) -> None:
        super().__init__(trainer)
        self.record_path = os.path.join(self.save_dir, RECORD)
        self.best: Optional[Dict[str, Any]] = None

    def on_epoch_end(self, status: Any) -> None:
        """Save a snapshot after training, ``best_model`` after evaluating."""
        if status["mode"] != "eval":
            super().on_epoch_end(status)
        elif status.get("save_best_model") and dist.get_rank() == 0:
            self._keep_best(status)

    def _keep_best(self, status: Any) -> None:
        (metric,) = self.model._metrics
        figures = metric.get_results().get("keypoint")
        if not figures:
            logger.warning("no figure was evaluated: best_model is not written")
            return
        figure = float(figures[0])
        if figure >= self.best_ap:
            self.best_ap = figure
            self.best = {"figure": figure, "epoch": status["epoch_id"]}
            self._save(status)
            write_whole(self.record_path, json.dumps(self.best).encode())
        if self.best:
            name = type(metric).__name__
            name = "AP" if name == STOCK_AP else getattr(metric, "figure_name", name)
            self._tell(name)

    def _save(self, status: Any) -> None:
        evaluated = self.weight.state_dict()
        trained, averaged = evaluated, None
        if self.model.use_ema:
            trained, averaged = status["weight"], evaluated
        save_model(
            trained,
            self.model.optimizer,
            self.save_dir,
            "best_model",
            status["epoch_id"] + 1,
            ema_model=averaged,
        )

    def restore(self) -> None:
        """Continue from the best figure that an earlier run stored, if any."""
        if os.path.exists(self.record_path):
            self.best = read_json(self.record_path, "record of the best model")
            self.best_ap = self.best["figure"]
            self._tell("model")

    def _tell(self, name: str) -> None:
        figure, epoch = self.best["figure"], self.best["epoch"]
        logger.info(f"best {name} so far: {figure:.4g}, epoch {epoch}")


def restore(trainer: Any) -> None:
    """Let a resumed trainer continue from its best figure."""
    for callback in trainer._callbacks:
        if isinstance(callback, BestKeeper):
            callback.restore()
