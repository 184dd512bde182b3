"""Patches of Paddle's data loaders: a failing sample or process ends the run.

The loaders read samples in a thread.  If a sample raises an error, that thread ends
without closing its queue, and the training loop waits for ever.  Patched, the thread
closes the queue, and the loop raises the sample's own error.

If a worker process is killed in the middle of a batch, that thread waits for the rest
for ever.  Patched, another thread waits for the workers' ends, and the loop raises an
error when one of them failed.
"""

from multiprocessing.connection import wait
from threading import Thread
from typing import Any, Callable, List
from weakref import ReferenceType, ref

from paddle.io.dataloader import dataloader_iter

from ..compat.stock import is_claimed
from ..errors import UserError
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
    except Exception:
        error = getattr(self, "_data_error", None)
        if error is None:
            raise
        # Leave the workers to the interpreter's exit: emptying their queue,
        # as the iterator would, blocks on a half-sent sample.
        self._shutdown = True
        raise error from None


def _init_workers(stock: Callable[..., None], self: Any) -> None:
    stock(self)
    if is_claimed(self._dataset):
        # Else Paddle raises an error of its own, wherever the main thread is.
        dataloader_iter.core._erase_process_pids(id(self))
        Thread(target=_watch, args=(ref(self), self._workers), daemon=True).start()


def _watch(iterator: "ReferenceType[Any]", workers: List[Any]) -> None:
    """Wait until all workers have ended, or one of them failed."""
    running = {worker.sentinel: worker for worker in workers}
    while running:
        for sentinel in wait(list(running)):
            worker = running.pop(sentinel)
            worker.join()
            loader = iterator()
            if worker.exitcode and loader and not loader._workers_done_event.is_set():
                loader._data_error = UserError(
                    f"data loading process {worker.pid} ended with exit code "
                    f"{worker.exitcode}; if memory was short, fewer may do: "
                    "-o worker_num=1; if shared memory was: "
                    "-o TrainReader.use_shared_memory=false"
                )
                loader._exit_thread_unexpectedly()
                return
