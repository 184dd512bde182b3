"""Snapshots: when one is written, what it holds, and which ones are kept.

PaddleDetection's checkpointer writes over the files that a resume needs, keeps every
snapshot, and forgets the best figure when a run ends, so that the first evaluation
after ``-r`` would overwrite a better ``best_model``.  It also calls every figure
"keypoint ap".
"""

import os
import shutil
import time
import uuid
from contextlib import suppress
from functools import partial
from typing import Any, Callable, Dict, Mapping, Optional

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

import paddle.distributed as dist
from ppdet.utils.logger import setup_logger

from ..compat.stock import STOCK_AP
from ..compat.weights import first_not_finite, tensors_of
from ..errors import UserError
from ..files import check_writable
from . import snapshot
from .snapshot import BEST, FINAL, OPTIMIZER, STATE, TRAINED, WEIGHTS
from .steps import LossWatch

logger = setup_logger(__name__)

#: Default of the config's ``keep_checkpoints``.
KEEP = 3

#: Copies of the weights in a snapshot: Adam has two moments, others mostly one.
ADAM_COPIES, OTHER_COPIES, AVERAGE_COPIES = 3, 2, 2


class SnapshotKeeper:
    """Writes a trainer's snapshots, and ``best_model`` only when the figure improves.

    The manifest ``best_model.json`` holds the best figure and its epoch.

    Attributes:
        run: identifies this run's snapshots among others in the same folder.
        best: figure and epoch of the best evaluation; None before the first.
        scaler, scaler_state: gradient scaler of mixed precision, and its state in the
            snapshot that is resumed; or None.
        written: when the last snapshot was written, or should have been.
        newest: path of the last snapshot that was written.
        saved_epoch: epoch whose last snapshot was written, or should have been.
    """

    def __init__(self, trainer: Any, save_dir: str, watch: LossWatch) -> None:
        self.trainer, self.save_dir, self.watch = trainer, str(save_dir), watch
        self.run = uuid.uuid4().hex
        self.best: Optional[Dict[str, Any]] = None
        self.scaler: Any = None
        self.scaler_state: Optional[Dict[str, Any]] = None
        self.written = time.monotonic()
        self.newest: Optional[str] = None
        self.saved_epoch = -1
        self.failed = False
        self.unlock: Optional[Callable[[], None]] = None

    def take_folder(self) -> None:
        """Lock the folder, once, and check that a snapshot can be written.

        Raises:
            UserError: the folder cannot be written, the disk is too full, or another
                training run writes there.
        """
        if self.unlock:
            return
        check_writable(self.save_dir)
        self.unlock = lock_folder(self.save_dir)
        snapshot.recover(self.save_dir)
        adam = "Adam" in type(self.trainer.optimizer).__name__
        copies = ADAM_COPIES if adam else OTHER_COPIES
        copies += AVERAGE_COPIES if self.trainer.use_ema else 0
        needed = copies * size_of(self.trainer.model.state_dict())
        free = shutil.disk_usage(self.save_dir).free
        if free < needed:
            missing = (
                f"{megabytes(free)} free, but a snapshot takes {megabytes(needed)}"
            )
            raise UserError(f"output folder {self.save_dir} has {missing}")

    def leave_folder(self) -> None:
        """Release the lock, and remove the folder if nothing was written."""
        if self.unlock:
            self.unlock()
            self.unlock = None
            with suppress(OSError):
                os.rmdir(self.save_dir)

    def is_due(self, epoch: int) -> bool:
        """Whether a snapshot is written, and evaluated, at the end of an epoch."""
        cfg = self.trainer.cfg
        return (epoch + 1) % cfg.snapshot_epoch == 0 or epoch == cfg.epoch - 1

    def is_overdue(self) -> bool:
        """Whether ``snapshot_minutes`` have passed since the last snapshot."""
        minutes = self.trainer.cfg.get("snapshot_minutes")
        return bool(minutes) and time.monotonic() - self.written > minutes * 60

    def save_epoch(self, status: Any) -> None:
        """Save the snapshot of an epoch's end, unless it is already written."""
        epoch = status["epoch_id"]
        if self.saved_epoch != epoch:
            self._save(status, self._name(epoch), step=status["steps_per_epoch"])
            self.saved_epoch = epoch

    def save_within(self, status: Any) -> None:
        """Save a snapshot before a step."""
        epoch, step = status["epoch_id"], status["step_id"]
        self._save(status, f"{epoch}_{step}", step=step)

    def keep_best(self, status: Any, metric: Any) -> None:
        """Save ``best_model`` if an evaluation's figure is the best, or equals it."""
        figures = metric.get_results().get("keypoint")
        epoch = status["epoch_id"]
        if not figures:
            logger.warning("evaluation gave no figure: best_model is not written")
            return
        figure = float(figures[0])
        is_best = self.best is None or figure >= self.best["figure"]
        facts = {"figure": figure, "evaluated": True}
        if is_best and self._save(status, BEST, status["steps_per_epoch"], **facts):
            self.best = {"figure": figure, "epoch": epoch}
        if self.best:
            self._tell_best(figure_name(metric))
        snapshot.annotate(self.save_dir, self._name(epoch), evaluated=True)

    def end(self) -> None:
        """Raise :class:`UserError` if the last snapshot could not be written."""
        if self.failed:
            where = f"{self.save_dir}; newest complete one: {self.newest}"
            raise UserError(f"the last snapshot could not be written to {where}")

    def _name(self, epoch: int) -> str:
        """Name of the snapshot of an epoch's end."""
        return FINAL if epoch == self.trainer.cfg.epoch - 1 else str(epoch)

    def _save(self, status: Any, name: str, step: int, **facts: Any) -> bool:
        """Write a snapshot; on a full disk, warn and continue."""
        self.watch.read()
        self.written = time.monotonic()
        if dist.get_rank() != 0:
            return True
        is_end = step == status["steps_per_epoch"]
        epochs = status["epoch_id"] + is_end
        states = gather(self.trainer, epochs, status.get("weight"), self.scaler)
        bad = first_not_finite(states[WEIGHTS])
        if bad:
            where = f"epoch {status['epoch_id']}; newest complete one: {self.newest}"
            raise UserError(f"snapshot {name}: {bad} is not finite in {where}")
        older = snapshot.snapshots(self.save_dir)[0]
        facts = {
            "epoch": status["epoch_id"],
            "steps_per_epoch": status["steps_per_epoch"],
            "serial": older[0].facts["serial"] + 1 if older else 0,
            "run": self.run,
            "seed": self.trainer.cfg["seed"],
            "losses": self.watch.record,
            "step": step,
            "evaluated": False,
            **facts,
        }
        try:
            snapshot.write(self.save_dir, name, states, facts)
        except OSError as error:
            self.failed = True
            logger.error(
                f"snapshot {name} cannot be written to {self.save_dir}: "
                f"{error.strerror}; it takes "
                f"{megabytes(sum(map(size_of, states.values())))}, and "
                f"{megabytes(shutil.disk_usage(self.save_dir).free)} are free; newest "
                f"complete one: {self.newest}; training continues to the next"
            )
            return False
        self.failed = False
        self.newest = os.path.join(self.save_dir, name)
        logger.info(f"Save checkpoint: {self.newest}")
        self._delete_old()
        return True

    def _delete_old(self) -> None:
        """Delete this run's older snapshots; within epochs, all but the newest."""
        mine = [
            s
            for s in snapshot.snapshots(self.save_dir)[0]
            if s.facts.get("run") == self.run and s.name not in (BEST, FINAL)
        ]
        ends = [s for s in mine if s.name.isdigit()]
        within = [s for s in mine if s not in ends and s.path != self.newest]
        keep = self.trainer.cfg.get("keep_checkpoints", KEEP)
        for old in ends[keep:] + within:
            snapshot.remove(old)

    def restore(self, facts: Dict[str, Any]) -> None:
        """Continue the run of a manifest, from its best figure if it has one."""
        self.run = facts.get("run", self.run)
        if "sums" in facts.get("losses", {}):  # earlier ones hold the loss alone
            self.watch.record = dict(facts["losses"])
        if not os.path.exists(os.path.join(self.save_dir, BEST + snapshot.MANIFEST)):
            return
        try:
            best = snapshot.read(self.save_dir, BEST)
            wrong = snapshot.defect(best)
        except UserError as error:
            wrong = str(error)
        if wrong:
            logger.warning(f"{BEST} is refused, and its figure forgotten: {wrong}")
            return
        self.best = {key: best.facts[key] for key in ("figure", "epoch")}
        self._tell_best("model")

    def _tell_best(self, name: str) -> None:
        figure, epoch = self.best["figure"], self.best["epoch"]
        logger.info(f"best {name} so far: {figure:.4g}, epoch {epoch}")


def gather(
    trainer: Any, epochs: int, trained: Optional[Mapping[str, Any]], scaler: Any
) -> Dict[str, Any]:
    """The states of a snapshot, by ending of their files; ``put_back`` is the inverse.

    Args:
        trainer: whose network and optimiser are saved.
        epochs: number of complete epochs, from which a stock ``-r`` goes on.
        trained: the trained weights while the network has the averaged ones; else None.
        scaler: the gradient scaler of mixed precision, or None.
    """
    states: Dict[str, Any] = {WEIGHTS: trainer.model.state_dict()}
    if trained is not None:  # the stock names, which look swapped
        states[TRAINED] = trained
    states[OPTIMIZER] = {**trainer.optimizer.state_dict(), "last_epoch": epochs}
    more: Dict[str, Any] = {}
    if trainer.use_ema:
        ema = trainer.ema
        more["average"] = dict(ema.state_dict)
        more["average_step"], more["average_epoch"] = ema.step, ema.epoch
    if scaler is not None and scaler.state_dict():
        more["scaler"] = scaler.state_dict()
    return {**states, STATE: more} if more else states


def lock_folder(folder: str) -> Callable[[], None]:
    """Lock a folder until this process ends in any way; write nothing.

    Returns a function that releases it, also in data workers, which inherit it.
    """
    if fcntl is None:
        return lambda: None
    descriptor = os.open(folder, os.O_RDONLY)
    lock = partial(fcntl.flock, descriptor)
    with suppress(OSError):  # of a file system without locks
        try:
            lock(fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            remedy = "end it, or choose another save_dir"
            raise UserError(f"another run trains in {folder}: {remedy}") from None

    def unlock() -> None:
        with suppress(OSError):
            lock(fcntl.LOCK_UN)
        os.close(descriptor)

    return unlock


def size_of(state: Mapping[str, Any]) -> int:
    """Bytes of the tensors in a state."""
    return sum(t.size * t.element_size() for _, t in tensors_of(state))


def figure_name(metric: Any) -> str:
    """Name of the figure that selects the best model."""
    name = type(metric).__name__
    return "AP" if name == STOCK_AP else getattr(metric, "figure_name", name)


def megabytes(count: int) -> str:
    """A number of bytes in words."""
    return f"{count / 1e6:.1f} MB"
