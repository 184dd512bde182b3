"""Ctrl-C and SIGTERM that take effect between two frames, not in the middle of one."""

import logging
import signal
import threading
from contextlib import contextmanager
from typing import Any, Callable, Iterator, List

logger = logging.getLogger(__name__)

#: Ctrl-C, and what schedulers and ``kill`` send.
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Defer the first of ``SIGNALS`` to the caller's next check; a second acts at once.

    Python drops an exception that arrives in a destructor or in a callback of native
    code, and the run would go on.  One in the middle of a frame would leave a video
    longer than its results.

    Yields:
        A function that raises KeyboardInterrupt if Ctrl-C was pressed, or SystemExit
        with status 143 after SIGTERM.  It does nothing outside the main thread, nor for
        a signal that the process ignores, as shells let background processes ignore
        Ctrl-C.
    """
    received: List[int] = []
    main = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in SIGNALS if main}
    held = [n for n, handler in before.items() if handler is not signal.SIG_IGN]

    def check() -> None:
        if received and received[0] == signal.SIGTERM:
            logger.warning("stopped by SIGTERM")
            raise SystemExit(128 + signal.SIGTERM)
        if received:
            raise KeyboardInterrupt

    def hold(number: int, _: Any) -> None:
        check()
        received.append(number)

    for number in held:
        signal.signal(number, hold)
    try:
        yield check
    finally:
        for number in held:
            signal.signal(number, before[number])
