"""Ctrl-C between two batches instead of in the middle of one."""

import signal
import threading
from contextlib import contextmanager
from typing import Any, Callable, Iterator


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Hold a Ctrl-C back until it is asked for; a second one acts at once.

    Python drops a KeyboardInterrupt that arrives in a destructor or a callback of
    native code, and the run would go on; and one in the middle of a frame leaves
    picture and results of different lengths.

    Yields:
        a function that raises KeyboardInterrupt if Ctrl-C was pressed.  It does
        nothing outside the main thread, which gets the signal, and in a process that
        was started to ignore it, as shells start those in the background.
    """
    pressed = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    held = main and before is not signal.SIG_IGN

    def hold(*_: Any) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    def check() -> None:
        if pressed.is_set():
            raise KeyboardInterrupt

    if held:
        signal.signal(signal.SIGINT, hold)
    try:
        yield check
    finally:
        if held:
            signal.signal(signal.SIGINT, before)
