"""Reading the people: their order, their augmentation, and the loader's workers.

Which people a batch has depends on the seed, the epoch and the number of the batch; how
a person is augmented, on the seed, the epoch and the person.  Neither depends on what
the process did before or on the number of workers, so that a resumed run sees what an
uninterrupted one does.

The readers are PaddleDetection's but for what they make: a :class:`Samples` of the data
set, read by a :class:`Loader`.  The trainer lets PaddleDetection find them here.
"""

import atexit
import ctypes
import functools
import itertools
import multiprocessing
import os
import random
import shutil
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import wait
from threading import Thread
from typing import Any, Iterator, List, Optional, Tuple
from weakref import ReferenceType, ref

import cv2
import numpy as np
import paddle
import paddle.distributed as dist
from paddle.base import core
from paddle.io import DataLoader, Dataset, DistributedBatchSampler
from paddle.io.dataloader.dataloader_iter import (
    _DataLoaderIterMultiProcess,
    _DataLoaderIterSingleProcess,
)
from ppdet.data import reader as stock
from ppdet.engine.env import set_random_seed
from ppdet.utils.logger import setup_logger

from ..data.images import ImageError, refuse_cut_off
from ..errors import UserError

logger = setup_logger(__name__)

#: Value of the config key ``on_bad_image`` that lets training skip people; else their
#: images are errors.
SKIP = "skip"

#: So many people in a row without a readable image are an error all the same.
MOST_IN_A_ROW = 100

#: Bytes of shared memory below which the workers do without it.
SHARED_MEMORY = 1 << 30

#: Linux's prctl option: the signal that a process gets when its parent ends.
PR_SET_PDEATHSIG = 1

#: glibc's mallopt option: the largest number of heaps.
M_ARENA_MAX = -8


def seed_run(cfg: Any) -> None:
    """Seed the process from the config's ``seed``; draw one if there is none.

    All processes of a distributed run get the same seed.
    """
    seed = cfg.get("seed")
    if seed is None:
        drawn = int.from_bytes(os.urandom(4), "little") >> 1
        shared = paddle.to_tensor(0 if cfg.get("enable_ce") else drawn, dtype="int64")
        if dist.get_world_size() > 1:
            dist.broadcast(shared, src=0)
        seed = shared.item()
    cfg["seed"] = seed
    set_random_seed(seed)
    logger.info(f"seed: {seed}")


def mix_seeds(*numbers: int) -> int:
    """One 32-bit seed of several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


class Samples(Dataset):
    """The samples of a data set; everything but the reading is the data set's own.

    Attributes:
        seed: of the augmentation; None draws on whatever the process drew before.
        epoch: of the augmentation.
        skipped: how many people were skipped, in all worker processes; None does not
            skip.  An evaluation never does: it would count other people than it says.
    """

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset
        self.seed: Optional[int] = None
        self.epoch = 0
        self.skipped: Any = None

    def set_epoch(self, epoch: int) -> None:
        """Note the epoch that begins; PaddleDetection's loop calls this."""
        self.epoch = epoch
        self.dataset.set_epoch(epoch)

    def skip_bad_images(self) -> None:
        """Let other people take the places of those whose images cannot be read."""
        self.skipped = multiprocessing.Value("q")

    def __getitem__(self, index: int) -> Any:
        """Read a sample, perhaps another person's, whom ``index`` alone chooses.

        Raises ImageError if its image cannot be read and no other takes its place.
        """
        if self.seed is not None:
            numbers = (self.seed, self.epoch, int(index))
            np.random.seed(numbers)
            random.seed(str(numbers))
        if self.skipped is None:
            return self._read(index)
        substitutes = np.random.default_rng(index).integers(
            len(self), size=MOST_IN_A_ROW
        )
        for substitute in substitutes.tolist():
            try:
                return self._read(index)
            except ImageError as error:
                with self.skipped:
                    self.skipped.value += 1
                    logger.warning(
                        f"{error}: skipped, {self.skipped.value} so far; person "
                        f"{substitute} takes the place (on_bad_image: skip)"
                    )
                index = substitute
        return self._read(index)

    def _read(self, index: int) -> Any:
        """Read a sample; name the image if PaddleDetection's data set cannot read it.

        That one crashes on an image that OpenCV cannot read, and trains on the grey
        part of one that is cut off.  This package's check their images themselves.
        """
        if hasattr(self.dataset, "image_path"):
            return self.dataset[index]
        path, annotations = (
            self.dataset.db[index]["image_file"],
            self.dataset.get_anno(),
        )
        refuse_cut_off(path, annotations)
        try:
            return self.dataset[index]
        except cv2.error as error:
            if cv2.imread(path) is not None:
                raise
            message = f"{annotations}: image {path} cannot be read"
            raise ImageError(message) from error

    def image_name(self, index: int) -> str:
        """File name of a person's image."""
        if hasattr(self.dataset, "image_path"):  # this package's data sets
            return os.path.basename(self.dataset.image_path(index))
        return os.path.basename(self.dataset.db[index]["image_file"])

    def __len__(self) -> int:
        return len(self.dataset)

    def __getattr__(self, name: str) -> Any:
        if name == "dataset":  # while a copy is being made
            raise AttributeError(name)
        return getattr(self.dataset, name)


class OrderedBatches(DistributedBatchSampler):
    """Batches whose order depends on seed and epoch."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.start(0, 0)

    def start(self, seed: int, epoch: int, first: int = 0) -> None:
        """Say what the next iteration yields: an epoch, from its batch ``first`` on."""
        self.seed, self.number, self.first = seed, epoch, first

    def __iter__(self) -> Iterator[List[int]]:
        self.set_epoch(mix_seeds(self.seed, self.number))
        return itertools.islice(super().__iter__(), self.first, None)


class CheckedReader(stock.BaseDataLoader):
    """What both readers have: samples that name their images, and workers that end."""

    def __call__(
        self,
        dataset: Any,
        worker_num: int,
        batch_sampler: Any = None,
        return_list: bool = False,
    ) -> Any:
        """Read a data set; no sample is read before the first batch is asked for."""
        dataset.check_or_download_dataset()
        dataset.parse_dataset()
        dataset.set_transform(self._sample_transforms)
        dataset.set_kwargs(**self.kwargs)
        self.dataset = Samples(dataset)
        if batch_sampler is None:  # one without a batch is false
            batch_sampler = OrderedBatches(
                self.dataset, self.batch_size, None, None, self.shuffle, self.drop_last
            )
        self._batch_sampler = batch_sampler
        self.dataloader = Loader(
            dataset=self.dataset,
            batch_sampler=batch_sampler,
            collate_fn=self._batch_transforms,
            num_workers=worker_num,
            return_list=return_list,
            use_shared_memory=self.use_shared_memory and has_shared_memory(),
        )
        self.loader = iter(self.dataloader)
        return self


class EvalReader(CheckedReader, stock.EvalReader):
    """Reads people to evaluate."""


class TrainReader(CheckedReader, stock.TrainReader):
    """Reads people to train on, in an order and augmentation of seed and epoch."""

    def start(self, seed: int, epoch: int, first: int = 0) -> None:
        """Say what the next iteration yields: an epoch, from its batch ``first`` on."""
        self._batch_sampler.start(seed, epoch, first)
        self.dataset.seed = seed

    def people(self, seed: int, epoch: int, step: int) -> List[Tuple[int, str]]:
        """The people of this process's batch of a step: record and image of each."""
        self._batch_sampler.start(seed, epoch, step)
        return [
            (i, self.dataset.image_name(i)) for i in next(iter(self._batch_sampler))
        ]


def has_shared_memory() -> bool:
    """Whether the workers can hand batches over in shared memory."""
    with suppress(OSError):  # of a system without
        if shutil.disk_usage("/dev/shm").total >= SHARED_MEMORY:
            return True
        logger.warning("/dev/shm has less than 1 GB: use_shared_memory is off")
    return False


class Loader(DataLoader):
    """Starts its workers when the first batch is asked for.

    PaddleDetection makes an iterator as soon as the former one has ended, before a
    snapshot is read and before the epoch is known.
    Workers end with the run, even if it is killed, and leave it to the run to act upon
    Ctrl-C and other signals, which a terminal or scheduler sends to all.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        share_heap()
        bind = functools.partial(live_with_parent, os.getpid())
        super().__init__(*args, worker_init_fn=bind, **kwargs)

    def __iter__(self) -> Iterator[Any]:
        batches = (FromWorkers if self.num_workers else FromThread)(self)
        end = functools.partial(end_workers, batches)
        atexit.register(end)
        try:
            yield from batches
        finally:
            end()
            atexit.unregister(end)


class EndsUponErrors:
    """What both of Paddle's iterators get: a failing sample ends the run.

    They read samples in a thread.  If a sample raises an error, that thread ends
    without closing its queue, and the training loop would wait for ever.
    """

    error: Optional[Exception] = None

    def _thread_loop(self, *args: Any) -> None:
        try:
            super()._thread_loop(*args)
        except Exception as error:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Let the training loop raise an error."""
        self.error = error
        self._exit_thread_unexpectedly()

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except Exception:
            if self.error is None:
                raise
            # Leave the workers to the interpreter's exit: emptying their queue,
            # as the iterator would, blocks on a half-sent sample.
            self._shutdown = True
            raise self.error from None


class FromThread(EndsUponErrors, _DataLoaderIterSingleProcess):
    """Batches that a thread of this process reads."""


class FromWorkers(EndsUponErrors, _DataLoaderIterMultiProcess):
    """Batches that processes read; one that is killed ends the run.

    Paddle's thread would wait for the rest of its batch for ever.
    """

    def _init_workers(self) -> None:
        super()._init_workers()
        # Else Paddle raises an error of its own, wherever the main thread is.
        core._erase_process_pids(id(self))
        given = (ref(self), self._workers)
        Thread(target=watch_workers, args=given, daemon=True).start()


def watch_workers(iterator: "ReferenceType[FromWorkers]", workers: List[Any]) -> None:
    """Wait until all workers have ended, or one of them failed."""
    running = {worker.sentinel: worker for worker in workers}
    while running:
        for worker in map(running.pop, wait(list(running))):
            worker.join()
            batches = iterator()
            if (
                not worker.exitcode
                or not batches
                or batches._workers_done_event.is_set()
            ):
                continue
            message = (
                f"data loading process {worker.pid} ended with exit code "
                f"{worker.exitcode}; if memory was short, fewer may do: -o "
                "worker_num=1; if shared memory was: -o "
                "TrainReader.use_shared_memory=false"
            )
            batches.fail(UserError(message))
            return


def end_workers(batches: Any) -> None:
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


def live_with_parent(parent: int, worker: int) -> None:
    """Have the system kill this process when its parent ends; ignore other signals."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it has ended already
            os._exit(1)
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def share_heap() -> None:
    """Have all threads of this process share one heap, where the C library is glibc.

    Paddle starts threads for every epoch and evaluation.  In heaps of their own, what
    they leave is neither reused nor returned, and the process grows by a fifth.
    """
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):
            libc.mallopt(M_ARENA_MAX, 1)
