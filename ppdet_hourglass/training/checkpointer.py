"""The checkpointer: snapshots that cannot be torn, and the best model.

PaddleDetection's checkpointer writes over the files that a resume needs, keeps every
snapshot, and forgets the best figure when a training ends, so that the first evaluation
after ``-r`` would overwrite a better ``best_model``.  It also calls every figure
"keypoint ap".
"""

import os
import shutil
import time
import uuid
from typing import Any, Dict, Optional

import paddle
import paddle.distributed as dist
import ppdet
from ppdet.engine.callbacks import Checkpointer
from ppdet.utils.logger import setup_logger

from .. import __version__
from ..compat.stock import STOCK_AP
from ..compat.weights import first_not_finite
from ..errors import UserError
from ..files import check_writable, read_json
from . import snapshot
from .loss_watch import LossWatch
from .state import expected_bytes, gather, size_of

logger = setup_logger(__name__)

BEST, FINAL = "best_model", "model_final"

#: Default of the config's ``keep_checkpoints``.
KEEP = 3


class SnapshotKeeper(Checkpointer):
    """Writes snapshots, and ``best_model`` only when the figure improves.

    The manifest ``best_model.json`` holds the best figure and its epoch, also for a
    resumed training.

    Args:
        trainer: PaddleDetection's trainer.
        watch: tells whether the losses since the last snapshot are finite.

    Attributes:
        run: tells this training's snapshots from those of another in the same folder.
        scaler, scaler_state: gradient scaler of mixed precision, and its state in the
            snapshot that is resumed; or None.
        written: when the last snapshot was written, or should have been.
        newest: path of the last snapshot that was written.
    """

    def __init__(self, trainer: Any, watch: LossWatch) -> None:
        super().__init__(trainer)
        self.watch = watch
        self.best: Optional[Dict[str, Any]] = None
        self.run = uuid.uuid4().hex
        self.scaler: Any = None
        self.scaler_state: Optional[Dict[str, Any]] = None
        self.written = time.time()
        self.newest: Optional[str] = None
        self.saved_epoch = -1
        self.failed = False

    def on_train_begin(self, status: Any) -> None:
        """Check before the first step that a snapshot can be written.

        Raises:
            UserError: the folder cannot be written, or the disk is too full.
        """
        if dist.get_rank() != 0:
            return
        snapshot.recover(self.save_dir)
        folder = self.save_dir  # not made yet: the first sample may end the training
        while not os.path.exists(folder):
            folder = os.path.dirname(folder) or "."
        check_writable(folder)
        needed, free = expected_bytes(self.model), shutil.disk_usage(folder).free
        if free < needed:
            raise UserError(
                f"output folder {self.save_dir} has {_megabytes(free)} free, but a "
                f"snapshot takes {_megabytes(needed)}"
            )

    def on_epoch_end(self, status: Any) -> None:
        """Save a snapshot after training, ``best_model`` after evaluating."""
        epoch = status["epoch_id"]
        if status["mode"] != "eval":
            if self.is_due(epoch) and not self.has_saved(epoch):
                self._save(status, self._name(epoch), step=status["steps_per_epoch"])
                self.saved_epoch = epoch
        elif status.get("save_best_model") and dist.get_rank() == 0:
            self._keep_best(status)

    def is_due(self, epoch: int) -> bool:
        """Whether a snapshot is written, and evaluated, at the end of an epoch."""
        cfg = self.model.cfg
        return (epoch + 1) % cfg.snapshot_epoch == 0 or epoch == cfg.epoch - 1

    def _name(self, epoch: int) -> str:
        """Name of the snapshot of an epoch's end."""
        return FINAL if epoch == self.model.cfg.epoch - 1 else str(epoch)

    def has_saved(self, epoch: int) -> bool:
        """Whether the snapshot of an epoch's end was written, or should have been."""
        return self.saved_epoch == epoch

    def save_within(self, status: Any) -> None:
        """Save a snapshot before a step."""
        epoch, step = status["epoch_id"], status["step_id"]
        self._save(status, f"{epoch}_{step}", step=step)

    def on_train_end(self, status: Any) -> None:
        """Raise :class:`UserError` if the last snapshot could not be written."""
        if self.failed:
            raise UserError(
                f"the last snapshot could not be written to {self.save_dir}; newest "
                f"complete one: {self.newest}"
            )

    def _save(self, status: Any, name: str, step: int, **facts: Any) -> bool:
        """Write a snapshot; say so, but go on, if the disk does not take it.

        Raises:
            UserError: a loss or a weight is not finite.
        """
        self.watch.read()
        self.written = time.time()
        if dist.get_rank() != 0:
            return True
        is_end = step == status["steps_per_epoch"]
        epochs = status["epoch_id"] + is_end
        trained = status.get("weight")
        states = gather(self.model, epochs, trained, self.scaler)
        bad = first_not_finite(states[snapshot.WEIGHTS])
        if bad:
            raise UserError(
                f"{bad} is not finite in epoch {status['epoch_id']}: snapshot {name} "
                f"is not written; newest complete one: {self.newest}"
            )
        facts = {**self._facts(status), "step": step, "evaluated": False, **facts}
        try:
            snapshot.write(self.save_dir, name, states, facts)
        except OSError as error:
            self._complain(name, error, sum(map(size_of, states.values())))
            return False
        self.failed = False
        self.newest = os.path.join(self.save_dir, name)
        logger.info(f"Save checkpoint: {self.newest}")
        self._delete_old()
        return True

    def _facts(self, status: Any) -> Dict[str, Any]:
        older = snapshot.snapshots(self.save_dir)[0]
        return {
            "epoch": status["epoch_id"],
            "steps_per_epoch": status["steps_per_epoch"],
            "serial": older[0].facts["serial"] + 1 if older else 0,
            "run": self.run,
            "seed": self.model.cfg["seed"],
            "losses": self.watch.record,
            "versions": {
                "ppdet_hourglass": __version__,
                "paddle": paddle.__version__,
                "paddledet": getattr(ppdet, "__version__", "checkout"),
            },
        }

    def _complain(self, name: str, error: OSError, needed: int) -> None:
        self.failed = True
        logger.error(
            f"snapshot {name} cannot be written to {self.save_dir}: {error.strerror}; "
            f"it takes {_megabytes(needed)}, and "
            f"{_megabytes(shutil.disk_usage(self.save_dir).free)} are free; newest "
            f"complete one: {self.newest}; training goes on to the next"
        )

    def _delete_old(self) -> None:
        """Delete this run's older snapshots; within epochs, all but the newest."""
        mine = [
            s
            for s in snapshot.snapshots(self.save_dir)[0]
            if s.facts.get("run") == self.run and s.name not in (BEST, FINAL)
        ]
        ends = [s for s in mine if s.name.isdigit()]
        within = [s for s in mine if s not in ends and s.path != self.newest]
        for old in ends[self.model.cfg.get("keep_checkpoints", KEEP) :] + within:
            snapshot.remove(old)

    def _keep_best(self, status: Any) -> None:
        (metric,) = self.model._metrics
        figures = metric.get_results().get("keypoint")
        epoch = status["epoch_id"]
        if not figures:
            logger.warning("no figure was evaluated: best_model is not written")
            return
        figure = float(figures[0])
        if figure >= self.best_ap and self._save(
            status, BEST, status["steps_per_epoch"], figure=figure, evaluated=True
        ):
            self.best_ap = figure
            self.best = {"figure": figure, "epoch": epoch}
        if self.best:
            self._tell(figure_name(metric))
        snapshot.annotate(self.save_dir, self._name(epoch), evaluated=True)

    def restore(self, facts: Dict[str, Any]) -> None:
        """Go on with the run of a snapshot and from its best figure, if there is any.

        Args:
            facts: the snapshot's manifest; empty for the stock trainer's.
        """
        self.run = facts.get("run", self.run)
        if "sums" in facts.get("losses", {}):  # earlier ones hold the loss alone
            self.watch.record = dict(facts["losses"])
        path = os.path.join(self.save_dir, BEST + snapshot.MANIFEST)
        if not os.path.exists(path):
            return
        record = read_json(path, "record of the best model")
        if "files" in record:
            wrong = snapshot.defect(snapshot.read(self.save_dir, BEST))
            if wrong:
                logger.warning(f"{BEST} is refused, and its figure forgotten: {wrong}")
                return
        self.best = {key: record[key] for key in ("figure", "epoch")}
        self.best_ap = self.best["figure"]
        self._tell("model")

    def _tell(self, name: str) -> None:
        figure, epoch = self.best["figure"], self.best["epoch"]
        logger.info(f"best {name} so far: {figure:.4g}, epoch {epoch}")


def figure_name(metric: Any) -> str:
    """Name of the figure that selects the best model."""
    name = type(metric).__name__
    return "AP" if name == STOCK_AP else getattr(metric, "figure_name", name)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
