"""The order of the people and their augmentation, as functions of the seed.

Which people a batch has depends on the seed, the epoch and the number of the batch; how
a person is augmented, on the seed, the epoch and the person.  Neither depends on what
the process did before or on the number of workers, so that a resumed training sees
what an uninterrupted one does.
"""

import itertools
import os
import random
from typing import Any, Iterator, List, Tuple

import numpy as np
import paddle
import paddle.distributed as dist
from paddle.io import Dataset, DistributedBatchSampler
from ppdet.engine.callbacks import Callback
from ppdet.engine.env import set_random_seed
from ppdet.utils.logger import setup_logger

logger = setup_logger(__name__)


def seed_training(cfg: Any) -> None:
    """Seed the process from the config's ``seed``; draw one if there is none.

    All processes of a distributed training get the same seed.
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


class Seeded(int):
    """Index of a sample, with the numbers that seed its augmentation."""

    numbers: Tuple[int, ...]

    def __new__(cls, index: int, numbers: Tuple[int, ...] = ()) -> "Seeded":
        self = super().__new__(cls, index)
        self.numbers = numbers
        return self


class SeededSamples(Dataset):
    """A data set that seeds the random numbers before it reads a sample.

    Everything but the reading is the data set's own.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __getitem__(self, index: Seeded) -> Any:
        np.random.seed(index.numbers)
        random.seed(str(index.numbers))
        return self.dataset[int(index)]

    def __len__(self) -> int:
        return len(self.dataset)

    def __getattr__(self, name: str) -> Any:
        if name == "dataset":  # while a copy is being made
            raise AttributeError(name)
        return getattr(self.dataset, name)


class OrderedBatches(DistributedBatchSampler):
    """Batches of :class:`Seeded` indices whose order depends on seed and epoch."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.start(0, 0)

    def start(self, seed: int, epoch: int, first: int = 0) -> None:
        """Say what the next iteration yields: an epoch, from its batch ``first`` on."""
        self.seed, self.number, self.first = seed, epoch, first

    def __iter__(self) -> Iterator[List[Seeded]]:
        seed, number = self.seed, self.number
        self.set_epoch(mixed(seed, number))
        for batch in itertools.islice(super().__iter__(), self.first, None):
            yield [Seeded(i, (seed, number, i)) for i in batch]


def mixed(*numbers: int) -> int:
    """One 32-bit seed of several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


class SampleOrder(Callback):
    """Tells the sampler the epoch, and everybody the step after a resume.

    Args:
        trainer: PaddleDetection's trainer.

    Attributes:
        skipped: steps of the first epoch that a former run has made.
    """

    def __init__(self, trainer: Any) -> None:
        super().__init__(trainer)
        self.skipped = 0

    def on_epoch_begin(self, status: Any) -> None:
        """Begin with the epoch's first batch, or with the first not yet trained on."""
        epoch = status["epoch_id"]
        batches = self.model.loader._batch_sampler
        batches.start(self.model.cfg["seed"], epoch, self._skipped_in(epoch))

    def on_step_begin(self, status: Any) -> None:
        """Count skipped steps, and seed what the network itself draws."""
        if status["mode"] == "train":
            epoch = status["epoch_id"]
            status["step_id"] += self._skipped_in(epoch)
            place = (epoch, status["step_id"], dist.get_rank())
            paddle.seed(mixed(self.model.cfg["seed"], *place))

    def _skipped_in(self, epoch: int) -> int:
        return self.skipped if epoch == self.model.start_epoch else 0

    def people(self, epoch: int, step: int) -> List[Tuple[int, str]]:
        """The people of this process's batch: record and image of each."""
        loader = self.model.loader
        batches = loader._batch_sampler
        batches.start(self.model.cfg["seed"], epoch, step)
        return [(int(i), _image_of(loader.dataset, i)) for i in next(iter(batches))]


def _image_of(dataset: Any, index: int) -> str:
    if hasattr(dataset, "image_path"):  # this package's data sets
        return os.path.basename(dataset.image_path(index))
    return os.path.basename(dataset.db[index]["image_file"])
