"""Signals and the clock: a snapshot within the epoch.

SIGTERM and SIGHUP, which schedulers send, and Ctrl-C let the present step end, write a
snapshot, and end the process with status 143, 129 or 130.
"""

import signal
import threading
import time
from contextlib import contextmanager
from typing import Any, Iterator, Optional

import paddle
import paddle.distributed as dist
from ppdet.engine.callbacks import Callback
from ppdet.utils.logger import setup_logger

from .checkpointer import SnapshotKeeper

logger = setup_logger(__name__)

SIGNALS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
]


class Stopper(Callback):
    """Ends the training between two steps when a signal came; obeys the clock.

    Args:
        trainer: PaddleDetection's trainer.
        keeper: writes the snapshots.
    """

    def __init__(self, trainer: Any, keeper: SnapshotKeeper) -> None:
        super().__init__(trainer)
        self.keeper = keeper
        self.signal = 0
        self.agreed: Optional[paddle.Tensor] = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle the signals, apart from those that the process ignores (nohup).

        A second Ctrl-C ends the training at once.
        """
        before = {}
        if threading.current_thread() is threading.main_thread():
            before = {number: signal.getsignal(number) for number in SIGNALS}
        handled = [n for n, handler in before.items() if handler is not signal.SIG_IGN]
        for number in handled:
            signal.signal(number, self._note)
        try:
            yield
        finally:
            for number in handled:
                signal.signal(number, before[number])

    def _note(self, number: int, frame: Any) -> None:
        if self.signal == number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = number

    def on_step_begin(self, status: Any) -> None:
        """Write a snapshot if it is time; end if there was a signal."""
        if status["mode"] == "eval":
            self._leave_evaluation(status)
            return
        number = self._agree()
        minutes = self.model.cfg.get("snapshot_minutes")
        is_time = minutes and time.time() - self.keeper.written > minutes * 60
        if number or is_time:
            self.keeper.save_within(status)
        if number:
            if dist.get_world_size() > 1:
                dist.barrier()  # the launcher ends all processes when one has ended
            place = f"epoch {status['epoch_id']} before step {status['step_id']}"
            self._leave(number, place)

    def on_epoch_end(self, status: Any) -> None:
        """End before the evaluation; a resume will make up for it."""
        self._leave_evaluation(status)

    def _leave_evaluation(self, status: Any) -> None:
        """End if the epoch's snapshot stands and nobody waits for this process."""
        epoch = status["epoch_id"]
        if self.signal and self.keeper.has_saved(epoch):
            if status["mode"] == "eval" or dist.get_world_size() == 1:
                self._leave(self.signal, f"epoch {epoch} after its last step")

    def _agree(self) -> int:
        """The signal that a process had, in all processes at the same step.

        With several processes it is the answer to the question of the step before, so
        that nobody waits for it.
        """
        if dist.get_world_size() == 1:
            return self.signal
        asked = self.agreed
        self.agreed = paddle.to_tensor([self.signal], dtype="int32")
        dist.all_reduce(self.agreed, op=dist.ReduceOp.MAX)
        return 0 if asked is None else asked.item()

    def _leave(self, number: int, place: str) -> None:
        logger.info(
            f"{signal.Signals(number).name}: training stopped in {place}; -r auto goes "
            f"on from {self.keeper.newest}"
        )
        raise SystemExit(128 + number)
