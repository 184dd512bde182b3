"""Patches of the trainer and its reader: snapshots, exact resuming, checked losses.

The trainer gets this package's callbacks, and its reader a loader and a sampler whose
order and augmentation depend on the seed alone.
"""

from typing import Any, Callable, Dict

import paddle
from ppdet.data import reader as reader_module
from ppdet.data.reader import BaseDataLoader, TrainReader
from ppdet.engine import Trainer
from ppdet.engine import trainer as trainer_module
from ppdet.engine.callbacks import Checkpointer, ComposeCallback

from ..compat.config_check import RESUME
from ..compat.stock import is_claimed, is_ours
from ..training.checkpointer import SnapshotKeeper
from ..training.loss_watch import LossWatch
from ..training.nan_steps import NanFinder, NanStepSkipper
from ..training.resuming import callback_of, resume
from ..training.run_record import RunRecord
from ..training.sample_order import OrderedBatches, SampleOrder, SeededSamples
from ..training.stopping import Stopper
from ..training.visual_record import VisualRecord
from ..training.worker_life import Loader
from .training_step import quick_steps
from .wrapping import replaced, wrap


def install() -> None:
    """Wrap the trainer and the readers.

    Raises:
        ImportError: they, or the stock checkpointer, are not what this module expects.
    """
    names = Checkpointer.__init__.__code__.co_names
    if not {"best_ap", "save_dir"} <= set(names):
        raise ImportError(
            "ppdet_hourglass expects PaddleDetection's Checkpointer to set best_ap and "
            "save_dir; this version is not supported"
        )
    wrap(Trainer, "_init_callbacks", ["self"], _init_callbacks)
    wrap(Trainer, "train", ["self", "validate"], _train)
    wrap(BaseDataLoader, "__call__", ["self", "dataset"], _call_reader)


def _call_reader(
    stock: Callable[..., Any], self: Any, dataset: Any, *args: Any, **kwargs: Any
) -> Any:
    classes: Dict[str, Any] = {}
    if is_claimed(dataset):
        classes = {"DataLoader": Loader}
        if isinstance(self, TrainReader):
            classes = {
                "DataLoader": _seeded_loader,
                "DistributedBatchSampler": OrderedBatches,
            }
    with replaced(reader_module, **classes):
        return stock(self, dataset, *args, **kwargs)


def _seeded_loader(dataset: Any, **options: Any) -> Loader:
    return Loader(SeededSamples(dataset), **options)


def _init_callbacks(stock: Callable[..., None], self: Any) -> None:
    if not is_ours(self.cfg) or self.mode != "train":
        return stock(self)
    # The stock writer opens its folder at once, and reads the loss in every step.
    with replaced(trainer_module, VisualDLWriter=lambda trainer: None):
        stock(self)
    order = SampleOrder(self)
    watch = LossWatch(self, order)
    keeper = SnapshotKeeper(self, watch)
    checks = [NanFinder(self)] if self.cfg.get("debug_nan") else []
    if self.cfg.get("on_nan") == "skip":
        checks.append(NanStepSkipper(self, watch))
    stocks = [c for c in self._callbacks if c is not None]
    others = [keeper if type(c) is Checkpointer else c for c in stocks]
    record = RunRecord(self, keeper)
    if self.cfg.get("use_vdl"):
        others.append(VisualRecord(self, record))
    # The order counts the steps for the others; who stops acts after all have acted.
    self._callbacks = [order, *checks, watch, record, *others, Stopper(self, keeper)]
    self._compose_callback = ComposeCallback(self._callbacks)


def _train(stock: Callable[..., Any], self: Any, validate: bool = False) -> Any:
    if not is_ours(self.cfg):
        return stock(self, validate)
    keeper = callback_of(self, SnapshotKeeper)
    wanted = self.cfg.get(RESUME)
    if wanted and keeper.newest is None:
        resume(self, wanted, type(self).resume_weights.__wrapped__)

    def make_scaler(*args: Any, **kwargs: Any) -> Any:
        keeper.scaler = scaler(*args, **kwargs)
        if keeper.scaler_state:
            keeper.scaler.load_state_dict(keeper.scaler_state)
        return keeper.scaler

    scaler = paddle.amp.GradScaler
    with (
        callback_of(self, Stopper).listening(),
        quick_steps(self),
        replaced(paddle.amp, GradScaler=make_scaler),
    ):
        return stock(self, validate)
