"""The record of a training in VisualDL, under the names that ``results.csv`` has."""

import os
from typing import Any, Dict, Set

import paddle.distributed as dist
from ppdet.engine.callbacks import Callback
from ppdet.utils.logger import setup_logger

from .loss_watch import Step
from .run_record import RunRecord

logger = setup_logger(__name__)

#: PaddleDetection's default of ``--vdl_log_dir``.
FOLDER = "vdl_log_dir/scalar"


class VisualRecord(Callback):
    """Writes losses when they are logged, and the figures of each evaluation.

    Each run has a folder of its own, in which a resumed training goes on.  The
    horizontal axis counts all steps, as the column ``step`` does.

    Args:
        trainer: PaddleDetection's trainer.
        record: the run's record, which gets an evaluation before this does.
    """

    def __init__(self, trainer: Any, record: RunRecord) -> None:
        super().__init__(trainer)
        self.record = record
        self.writer: Any = None
        self.of_steps: Set[str] = set()

    def on_train_begin(self, status: Any) -> None:
        """Open the run's folder, which is known once a snapshot was resumed."""
        if dist.get_rank() != 0:
            return
        from visualdl import LogWriter

        cfg, keeper = self.model.cfg, self.record.keeper
        parent = cfg.get("vdl_log_dir") or FOLDER
        folder = os.path.join(parent, f"{cfg['filename']}-{keeper.run[:8]}")
        self.writer = LogWriter(folder)
        logger.info(f"VisualDL's record is in {folder}: visualdl --logdir {parent}")
        steps = status["steps_per_epoch"]
        keeper.watch.listeners.append(lambda *read: self._losses(steps, *read))

    def _losses(self, steps: int, last: Step, means: Dict[str, float]) -> None:
        """Write means of the steps until ``last``; an epoch has ``steps``."""
        figures = {**means, "learning_rate": last.rate}
        self.of_steps.update(figures)
        self._write(last.epoch * steps + last.number + 1, figures)

    def on_epoch_end(self, status: Any) -> None:
        """Write an evaluation's row of the table, but for what the steps wrote."""
        if status["mode"] != "eval" or self.writer is None:
            return
        row = self.record.rows[-1]
        written = {"epoch", "step", *self.of_steps}
        texts = {name: row[name] for name in row if name not in written}
        figures = {name: float(text) for name, text in texts.items() if text}
        self._write(int(row["step"]), figures)

    def _write(self, step: int, figures: Dict[str, float]) -> None:
        for name, value in figures.items():
            self.writer.add_scalar(name, value, step)

    def on_train_end(self, status: Any) -> None:
        """Write what VisualDL still holds back."""
        if self.writer is not None:
            self.writer.close()
