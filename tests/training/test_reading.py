"""Order and augmentation, bad images, and workers that are killed.

Errors in samples are tested in ``tests/end_to_end/test_bad_input.py``.
"""

import json
import os
import pickle
import random
import signal

import cv2
import numpy as np
import pytest
from paddle.io import Dataset
from ppdet.data.source.keypoint_coco import KeypointTopDownCocoDataset

from ppdet_hourglass.data.images import ImageError
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.training import reading
from ppdet_hourglass.training.reading import Loader, OrderedBatches, Samples, mix_seeds

from ..conftest import Messages, refused


class Draws(Dataset):
    """Samples that only draw random numbers; reading some of them fails."""

    name = "draws"
    bad = ()

    def __len__(self):
        return 10

    def set_epoch(self, epoch):
        self.told = epoch

    def image_path(self, index):
        return f"images/{index}.jpg"

    def __getitem__(self, index):
        if index in self.bad:
            raise ImageError(f"record {index} is cut off")
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


def samples_of(seed, epoch):
    samples = Samples(Draws())
    samples.seed = seed
    samples.set_epoch(epoch)
    return samples


def test_a_sample_is_drawn_alike_whatever_was_drawn_before():
    samples = samples_of(3, 2)
    first = samples[4]
    assert first[0] == 4 and type(first[0]) is int and samples.dataset.told == 2
    samples[5]
    assert samples[4] == first
    assert pickle.loads(pickle.dumps(samples))[4] == first  # as in a worker
    assert samples[5] != first
    assert samples_of(3, 3)[4] != first and samples_of(4, 2)[4] != first


def test_the_data_set_shows_through():
    samples = Samples(Draws())
    assert samples.name == "draws" and len(samples) == 10
    assert samples.image_name(3) == "3.jpg" and not hasattr(samples, "absent")
    assert len(pickle.loads(pickle.dumps(samples))) == 10


def test_mixed_seeds_differ():
    seeds = {mix_seeds(a, b) for a in range(10) for b in range(10)}
    assert len(seeds) == 100 and all(0 <= seed < 2**32 for seed in seeds)


@pytest.fixture
def log():
    messages = Messages()
    reading.logger.addHandler(messages)
    yield messages.lines
    reading.logger.removeHandler(messages)


def test_a_bad_image_is_an_error_by_default():
    samples = samples_of(3, 0)
    samples.dataset.bad = (1, 3)
    assert refused(samples.__getitem__, 1) == "record 1 is cut off"
    assert samples[0][0] == 0


def test_another_person_takes_the_place(log):
    samples = samples_of(3, 0)
    expected = samples[1][1]
    samples.dataset.bad = (1, 3)
    samples.skip_bad_images()
    chosen = [samples[index][0] for index in (1, 3, 4, 1)]
    assert chosen[0] == chosen[3] and chosen[2] == 4 and not {1, 3} & {*chosen}
    assert "record 1 is cut off: skipped, 1 so far; person " in log[0]
    assert f"skipped, {len(log)} so far" in log[-1] and len(log) >= 3
    # The augmentation's random numbers are those of the person who is replaced.
    assert samples[1][1] == expected


def test_nobody_is_left(log):
    samples = samples_of(3, 0)
    samples.dataset.bad = range(10)
    samples.skip_bad_images()
    assert refused(samples.__getitem__, 0).endswith("is cut off")
    assert len(log) == reading.MOST_IN_A_ROW


@pytest.fixture
def coco(tmp_path):
    """PaddleDetection's data set of one person in an image of 200 x 100 pixels."""
    (tmp_path / "images").mkdir()
    image = np.zeros((100, 200, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "images/a.png"), image)
    person = {"bbox": [10, 20, 60, 40], "keypoints": [30, 40, 2], "id": 0}
    person.update(image_id=4, category_id=1, iscrowd=0, area=100.0)
    content = {
        "images": [{"id": 4, "file_name": "a.png", "width": 200, "height": 100}],
        "annotations": [person],
        "categories": [{"id": 1, "name": "x"}],
    }
    (tmp_path / "x.json").write_text(json.dumps(content))
    data = KeypointTopDownCocoDataset(
        str(tmp_path), "images", "x.json", num_joints=1, trainsize=[128, 128]
    )
    data.parse_dataset()
    data.transform = lambda sample: sample
    return data


def test_an_unreadable_image_of_the_stock_reader_is_named(coco, tmp_path):
    samples = Samples(coco)
    assert samples[0]["image"].shape == (100, 200, 3)
    assert samples.image_name(0) == "a.png"
    path = tmp_path / "images/a.png"
    path.write_text("no image")
    message = refused(samples.__getitem__, 0)
    assert message == f"{tmp_path}/x.json: image {path} cannot be read"
    content = cv2.imencode(".jpg", np.zeros((100, 200, 3), np.uint8))[1].tobytes()
    path.write_bytes(content[:-40])
    assert refused(samples.__getitem__, 0).endswith(f"image {path} is cut off")
    path.unlink()
    assert refused(samples.__getitem__, 0).endswith("a.png does not exist")


def test_an_error_of_a_transform_stays_what_it_is(coco):
    coco.transform = lambda sample: cv2.resize(sample["image"], (0, 0))
    with pytest.raises(cv2.error):
        Samples(coco)[0]


class Kills(Dataset):
    """Its fifth sample kills the process that reads it."""

    def __len__(self):
        return 8

    def __getitem__(self, index):
        if index == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return np.array([index])


@pytest.mark.parametrize("shared", [True, False])
def test_a_killed_worker_ends_the_run(shared):
    loader = Loader(Kills(), num_workers=2, use_shared_memory=shared)
    with pytest.raises(UserError) as error:
        list(loader)
    message = str(error.value)
    assert "ended with exit code -9" in message
    assert "worker_num=1" in message and "use_shared_memory=false" in message


@pytest.mark.parametrize("gigabytes, enough", [(2, True), (0.06, False)])
def test_little_shared_memory_is_not_used(monkeypatch, log, gigabytes, enough):
    usage = type("Usage", (), {"total": gigabytes * 1e9})
    monkeypatch.setattr(reading.shutil, "disk_usage", lambda path: usage)
    assert reading.has_shared_memory() == enough
    assert len(log) == (not enough)
