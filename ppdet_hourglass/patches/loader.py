"""Patches of Paddle's data loaders: an error in a sample, or a lost worker, ends the run.

The loaders read samples in a thread.  If a sample raises an error, that thread ends
without closing its queue, and the training loop waits for ever.  Patched, the thread
closes the queue, and the loop raises the sample's own error.

If a worker process is killed, Paddle raises a ``SystemError`` from a signal handler or,
seconds later, from the queue, and the end of the interpreter may wait for the worker's
half-sent batch.  Patched, it is a ``UserError``, and nothing waits.
"""

import re
import signal
from typing import Any, Callable
from weakref import WeakSet

from paddle.io.dataloader import dataloader_iter

from ..compat.architecture import is_claimed
from ..errors import UserError
from .wrapping import expect, wrap

LOADERS = ("_DataLoaderIterSingleProcess", "_DataLoaderIterMultiProcess")

#: Iterators with worker processes.
_iterators: "WeakSet[Any]" = WeakSet()


def install() -> None:
    """Wrap both loaders; raises ImportError as ``wrap`` does."""
    for name in LOADERS:
        expect(dataloader_iter, name, ["loader"])
        loader = getattr(dataloader_iter, name)
        expect(loader, "_exit_thread_unexpectedly", ["self"])
        wrap(loader, "_thread_loop", ["self"], _thread_loop)
        wrap(loader, "__next__", ["self"], _next)
    wrap(loader, "_init_workers", ["self"], _init_workers)


def _thread_loop(stock: Callable[..., None], self: Any, *args: Any) -> None:
    try:
        stock(self, *args)
    except Exception as error:
        if not is_claimed(self._dataset):
            raise
        self._data_error = error
        self._exit_thread_unexpectedly()


def _next(stock: Callable[..., Any], self: Any) -> Any:
    try:
        return stock(self)
    except Exception as stock_error:
        error = getattr(self, "_data_error", None)
        dead = [w for w in getattr(self, "_workers", ()) if w.exitcode]
        if error is None and dead and isinstance(stock_error, SystemError):
            code = dead[0].exitcode
            error = _lost(f"DataLoader process (pid {dead[0].pid}) ended with {code}.")
        if error is None or not is_claimed(self._dataset):
            raise
        # Leave the workers to the interpreter's exit: emptying their queue,
        # as the iterator would, blocks on a half-sent sample.
        self._shutdown = True
        raise error from None


def _init_workers(stock: Callable[..., None], self: Any) -> None:
    """Start the workers, and hear of the end of each."""
    stock(self)
    if not is_claimed(self._dataset):
        return
    _iterators.add(self)
    handler = signal.getsignal(signal.SIGCHLD)
    if handler is not _child_ended:
        _child_ended.stock = handler
        signal.signal(signal.SIGCHLD, _child_ended)


def _child_ended(number: int, frame: Any) -> None:
    try:
        _child_ended.stock(number, frame)
    except SystemError as error:
        for iterator in _iterators:
            iterator._shutdown = True
        found = re.search(r"DataLoader process .*?\.", str(error))
        raise _lost(found.group() if found else str(error)) from None


def _lost(what: str) -> UserError:
    return UserError(
        f"{what} If memory was short, fewer workers may do: -o worker_num=1; if shared "
        "memory was, -o TrainReader.use_shared_memory=false"
    )
