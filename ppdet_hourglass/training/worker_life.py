"""The data loader of hourglass configs: it starts late, and its workers end in time."""

import atexit
import ctypes
import functools
import os
import signal
import sys
from typing import Any, Iterator

from paddle.base import core
from paddle.io import DataLoader

#: Linux's prctl option: the signal that a process gets when its parent ends.
PR_SET_PDEATHSIG = 1

#: glibc's mallopt option: the largest number of heaps.
M_ARENA_MAX = -8


class Loader(DataLoader):
    """Starts its workers when the first batch is asked for.

    The stock reader makes an iterator as soon as the former one has ended, before a
    snapshot is read and before the epoch is known.
    Workers end with the training, even if it is killed, and leave it to the training
    to act upon Ctrl-C and other signals, which a terminal or scheduler sends to all.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        share_heap()
        bind = functools.partial(live_with_parent, os.getpid())
        super().__init__(*args, worker_init_fn=bind, **kwargs)

    def __iter__(self) -> Iterator[Any]:
        batches = super().__iter__()
        end = functools.partial(_end, batches)
        atexit.register(end)
        try:
            yield from batches
        finally:
            end()
            atexit.unregister(end)


def share_heap() -> None:
    """Have all threads of this process share one heap, where the C library is glibc.

    Paddle starts threads for every epoch and evaluation.  In heaps of their own, what
    they leave is neither reused nor returned, and the process grows by a fifth.
    """
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):
            libc.mallopt(M_ARENA_MAX, 1)


def live_with_parent(parent: int, worker: int) -> None:
    """Have the system kill this process when its parent ends; ignore other signals.

    Args:
        parent: process id of the parent, which may have ended already.
        worker: number of the worker, which Paddle gives.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def _end(batches: Any) -> None:
    """End the workers that an iterator has if it was left before its last batch.

    Paddle's own end empties their queue first, which blocks on a half-sent sample.
    """
    workers = getattr(batches, "_workers", ())
    if workers:
        batches._shutdown = True
        batches._exit_thread_expectedly()
        core._erase_process_pids(id(batches))
        for worker in workers:
            worker.kill()
