"""Processes share an evaluation, and count every person once."""

import numpy as np
import paddle
import paddle.distributed as dist
import pytest

from ppdet_hourglass.training.sharing import SharedBatches, SharedMetric, in_order


class Counts:
    """A metric that keeps what it gets."""

    def __init__(self):
        self.calls = []

    def reset(self):
        self.calls = []

    def update(self, inputs, outputs):
        people = inputs["image"].shape[0]
        self.calls.append((people, inputs["person"].tolist(), inputs["image_file"]))
        self.calls.append(outputs["keypoint"])

    def accumulate(self):
        self.calls.append("accumulated")

    def log(self):
        self.calls.append("logged")


@pytest.fixture
def rank(monkeypatch):
    def rank(number, of=2):
        monkeypatch.setattr(dist, "get_rank", lambda: number)
        monkeypatch.setattr(dist, "get_world_size", lambda: of)

    return rank


@pytest.mark.parametrize("people", [1, 4, 5, 7])
def test_batches_are_taken_in_turns(rank, people):
    shares = []
    for number in range(3):
        rank(number, of=3)
        batches = SharedBatches(list(range(people)), batch_size=2)
        shares.append(list(batches))
        assert len(batches) == len(shares[-1])
    assert sum(in_order(shares), []) == list(range(people))


def test_the_first_process_measures_everybody(rank, monkeypatch):
    def batch(*people):
        inputs = {"image": paddle.zeros([len(people), 3, 4, 4])}
        inputs["person"] = paddle.to_tensor(people)
        inputs["image_file"] = [f"{k}.jpg" for k in people]
        return inputs, {"keypoint": [[np.full(2, people[0]), None]]}

    shared = [SharedMetric(Counts(), {"sample_num": 3}) for _ in range(2)]
    for metric, batches in zip(shared, ([batch(0, 1), batch(4)], [batch(2, 3)])):
        for inputs, outputs in batches:
            metric.update(inputs, outputs)
    sent = [metric.batches for metric in shared]
    assert "image" not in sent[0][0][0] and sent[0][0][1]["image"].shape == (2, 0)
    monkeypatch.setattr(dist, "all_gather_object", lambda all_, own: all_.extend(sent))
    for number, metric in enumerate(shared):
        rank(number)
        metric.accumulate()
        metric.log()

    first, second = shared
    assert second.metric.calls == [] and first.status == {"sample_num": 5}
    assert [first.metric.calls[k] for k in (0, 2, 4)] == [
        (2, [0, 1], ["0.jpg", "1.jpg"]),
        (2, [2, 3], ["2.jpg", "3.jpg"]),
        (1, [4], ["4.jpg"]),
    ]
    assert first.metric.calls[3][0][0].tolist() == [2, 2]
    assert first.metric.calls[-2:] == ["accumulated", "logged"]
    first.reset()
    assert first.batches == [] and first.metric.calls == []
