"""Patches of Paddle's data loaders: an error in a sample ends the run.

The loaders read samples in a thread.  If a sample raises an error, that thread ends
without closing its queue, and the training loop waits for ever.  Patched, the thread
closes the queue, and the loop raises the sample's own error.
"""

from typing import Any, Callable

from paddle.io.dataloader import dataloader_iter

from ..compat.architecture import is_claimed
from .wrapping import expect, wrap

LOADERS = ("_DataLoaderIterSingleProcess", "_DataLoaderIterMultiProcess")


def install() -> None:
    """Wrap both loaders; raises ImportError as ``wrap`` does."""
    for name in LOADERS:
        expect(dataloader_iter, name, ["loader"])
        loader = getattr(dataloader_iter, name)
        expect(loader, "_exit_thread_unexpectedly", ["self"])
        wrap(loader, "_thread_loop", ["self"], _thread_loop)
        wrap(loader, "__next__", ["self"], _next)


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
    except Exception:
        error = getattr(self, "_data_error", None)
        if error is None:
            raise
        # Leave the workers to the interpreter's exit: emptying their queue,
        # as the iterator would, blocks on a half-sent sample.
        self._shutdown = True
        raise error from None
