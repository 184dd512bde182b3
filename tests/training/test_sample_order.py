"""Order and augmentation depend on seed, epoch and sample alone."""

import pickle
import random

import numpy as np
import pytest
from paddle.io import Dataset

from ppdet_hourglass.training.sample_order import (
    OrderedBatches,
    Seeded,
    SeededSamples,
    mixed,
)


class Draws(Dataset):
    """Samples that only draw random numbers."""

    name = "draws"

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return index, np.random.rand(), random.random()


@pytest.fixture
def batches():
    def of(seed, epoch, first=0, **options):
        sampler = OrderedBatches(
            Draws(), batch_size=2, shuffle=True, drop_last=True, **options
        )
        sampler.start(seed, epoch, first)
        return list(sampler)

    return of


def test_everybody_once_in_an_order_of_seed_and_epoch(batches):
    first = batches(3, 0)
    assert sorted(sum(first, [])) == list(range(10)) and len(first) == 5
    assert batches(3, 0) == first
    assert batches(3, 1) != first and batches(4, 0) != first


def test_an_epoch_is_the_same_when_it_is_gone_through_again():
    sampler = OrderedBatches(Draws(), batch_size=5, shuffle=True)
    sampler.start(3, 7)
    assert list(sampler) == list(sampler)


def test_the_rest_of_an_epoch(batches):
    assert batches(3, 2, first=3) == batches(3, 2)[3:]
    assert batches(3, 2, first=5) == []


def test_processes_share_the_people(batches):
    ranks = [batches(3, 1, num_replicas=2, rank=rank) for rank in (0, 1)]
    seen = sum(sum(ranks, []), [])
    assert len(seen) == len(set(seen)) == 8  # four whole batches of 2 out of 10 people


def test_a_sample_is_drawn_alike_whatever_was_drawn_before(batches):
    samples = SeededSamples(Draws())
    (place,) = (i for i in sum(batches(3, 2), []) if i == 4)
    first = samples[place]
    assert first[0] == 4 and type(first[0]) is int
    samples[Seeded(5, (3, 2, 5))]
    assert samples[pickle.loads(pickle.dumps(place))] == first
    (later,) = (i for i in sum(batches(3, 3), []) if i == 4)
    assert samples[later] != first


def test_the_data_set_shows_through():
    samples = SeededSamples(Draws())
    assert samples.name == "draws" and len(samples) == 10
    assert not hasattr(samples, "absent")
    assert len(pickle.loads(pickle.dumps(samples))) == 10


def test_mixed_seeds_differ():
    seeds = {mixed(a, b) for a in range(10) for b in range(10)}
    assert len(seeds) == 100 and all(0 <= seed < 2**32 for seed in seeds)
