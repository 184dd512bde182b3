"""Ctrl-C that takes effect between two frames, not in the middle of one."""

import signal
import threading
from contextlib import contextmanager
from typing import Any, Callable, Iterator


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Defer the first Ctrl-C to the caller's next check; a second one acts at once.

    Python drops a KeyboardInterrupt that arrives in a destructor or in a callback of
    native code, and the run would go on.  One in the middle of a frame would leave a
    video longer than its results.

    Yields:
        A function that raises KeyboardInterrupt if Ctrl-C was pressed.  It does
        nothing outside the main thread, or if the process ignores Ctrl-C, as shells
        make background processes do.
    """
    pressed = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    held = main and before is not signal.SIG_IGN

    def check() -> None:
        if pressed.is_set():
            raise KeyboardInterrupt

    def hold(*_: Any) -> None:
        check()
        pressed.set()

    if held:
        signal.signal(signal.SIGINT, hold)
    try:
        yield check
    finally:
        if held:
            signal.signal(signal.SIGINT, before)
