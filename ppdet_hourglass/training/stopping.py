"""Signals: a snapshot within the epoch, and the end of the process.

On SIGTERM and SIGHUP, which schedulers send, and on Ctrl-C, the run finishes the
current step, writes a snapshot, and ends with status 143, 129 or 130.
"""

import signal
import threading
from contextlib import contextmanager
from typing import Any, Iterator, Optional

import paddle
import paddle.distributed as dist
from ppdet.utils.logger import setup_logger

logger = setup_logger(__name__)

SIGNALS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
]


class Stopper:
    """Notes signals, so that the run ends between two steps.

    Attributes:
        signal: number of the signal that this process received; 0 before.
    """

    def __init__(self) -> None:
        self.signal = 0
        self.asked: Optional[paddle.Tensor] = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle the signals, except those that the process ignores (nohup).

        A second Ctrl-C ends the run at once.
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

    def agree(self, ask: bool) -> int:
        """The signal that any process received; all get it before the same step.

        Several processes exchange their signals if ``ask``, and read the answer before
        the next step.  Reading waits for the device, so ask before a step that is
        logged, which waits anyway.
        """
        if dist.get_world_size() == 1:
            return self.signal
        if self.asked is not None:
            answer, self.asked = self.asked.item(), None
            return answer
        if ask:
            self.asked = paddle.to_tensor([self.signal], dtype="int32")
            dist.all_reduce(self.asked, op=dist.ReduceOp.MAX)
        return 0

    def leave(self, number: int, place: str, newest: Optional[str]) -> None:
        """End the process with the status of a signal: 128 plus its number."""
        logger.info(
            f"{signal.Signals(number).name}: training stopped in {place}; -r auto "
            f"resumes from {newest}"
        )
        raise SystemExit(128 + number)
