"""The data loader's patch: an error in the data ends the run instead of hanging it.

Paddle's loaders read samples in a thread.  If a sample raises, that thread ends
without closing its queue, and the training loop waits for ever.  Wrapped, the
thread closes the queue, and the loop raises the sample's own error.
"""

import functools
from typing import Any, Callable

from paddle.io.dataloader import dataloader_iter

from ..compat.architecture import is_claimed
from .wrapping import is_wrapped, marked

LOADERS = ("_DataLoaderIterSingleProcess", "_DataLoaderIterMultiProcess")


def install() -> None:
    """Wrap both loaders; does nothing the second time.

    Raises:
        ImportError: Paddle's loaders are not what this module expects.
    """
    for name in LOADERS:
        loader = getattr(dataloader_iter, name, None)
        needed = ("_thread_loop", "_exit_thread_unexpectedly", "__next__")
        absent = [part for part in needed if not hasattr(loader, part)]
        if absent:
            raise ImportError(
                f"ppdet_hourglass expects {name}.{absent[0]} in Paddle's data loader;"
                " this Paddle version is not supported"
            )
        if not is_wrapped(loader._thread_loop):
            loader._thread_loop = marked(_closing(loader._thread_loop))
            loader.__next__ = _raising(loader.__next__)


def _closing(stock: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(stock)
    def thread_loop(self: Any, *args: Any) -> None:
        try:
            stock(self, *args)
        except Exception as error:
            if not is_claimed(self._dataset):
                raise
            self._data_error = error
            self._exit_thread_unexpectedly()

    return thread_loop


def _raising(stock: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(stock)
    def next_batch(self: Any) -> Any:
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

    return next_batch
