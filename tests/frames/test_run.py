"""The loop, around a predictor that only counts."""

import json
import logging

import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.frames import run
from ppdet_hourglass.frames.run import predict_all
from ppdet_hourglass.frames.sources import Frame, Unreadable
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.modeling.codec import HeatmapCodec
from ppdet_hourglass.predict.estimator import PoseEstimator
from ppdet_hourglass.predict.model_spec import ModelSpec

COLORS = (0.5, 0.5, 0.5)
SPEC = ModelSpec((16, 16), COLORS, COLORS, read_keypoints("mpii"), HeatmapCodec(False))


class Source:
    """Frames of 20 x 20 pixels, one after the other."""

    def __init__(self, *items):
        self.items = items
        self.length = len(items)

    def __iter__(self):
        for place, item in enumerate(self.items):
            if isinstance(item, BaseException):
                raise item
            if isinstance(item, str):
                yield Unreadable(f"{place}.jpg", item)
            else:
                yield Frame(f"{place}.jpg", place, np.zeros((20, 20, 3), np.uint8))


class Output:
    path = "drawn"

    def __init__(self, fails_at=None):
        self.names = []
        self.closed = 0
        self.fails_at = fails_at

    def write(self, frame, picture):
        if frame.name == self.fails_at:
            raise UserError("the disk is full")
        self.names.append(frame.name)

    def close(self):
        self.closed += 1


@pytest.fixture
def batches():
    return []


@pytest.fixture
def predictor(batches):
    def network(inputs):
        batches.append(len(inputs))
        return np.ones((len(inputs), 16, 4, 4), np.float32)

    return PoseEstimator(network, SPEC, batch_size=4)


def people(*counts):
    """As many boxes as is said of each frame; None for the whole picture."""

    def find(frame):
        count = counts[frame.number]
        return None if count is None else np.tile([2.0, 2, 10, 10, 0.5], (count, 1))

    return find


def rows(path):
    return [row["image"] for row in json.loads(path.read_text())]


def test_people_are_predicted_in_common_batches(predictor, batches, tmp_path):
    output = Output()
    path = tmp_path / "results.json"
    counts = (1, 2, 0, 3, None, 1)
    summary = predict_all(
        Source(*[None] * 6), people(*counts), predictor, str(path), output
    )
    assert (summary.frames, summary.people, summary.skipped) == (6, 8, [])
    assert batches == [4, 2, 2]  # frames 0 to 3 hold six people
    assert output.names == [f"{place}.jpg" for place in range(6)]
    expected = [0, 1, 1, 3, 3, 3, 4, 5]
    assert rows(path) == [f"{place}.jpg" for place in expected]
    assert output.closed == 1


def test_memory_is_bounded(predictor, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "MEMORY", 2 * 20 * 20 * 3)
    known = []
    monkeypatch.setattr(
        run, "draw_people", lambda image, *_, **__: known.append(len(read)) or image
    )
    read = []

    def find(frame):
        read.append(frame.name)

    predict_all(Source(*[None] * 5), find, predictor, str(tmp_path / "r"), Output())
    assert known == [2, 2, 4, 4, 5]  # frames that were read when each was drawn


def test_unreadable_images_are_skipped(predictor, tmp_path, caplog):
    path = tmp_path / "results.json"
    source = Source(None, "image 1.jpg cannot be read", None)
    with caplog.at_level(logging.WARNING):
        summary = predict_all(source, people(1, 1, 1), predictor, str(path))
    assert summary.frames == 2 and summary.skipped == ["1.jpg"]
    assert rows(path) == ["0.jpg", "2.jpg"]
    assert [r.getMessage() for r in caplog.records] == [
        "skipped: image 1.jpg cannot be read"
    ]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), UserError("torn")])
def test_what_was_done_is_kept(predictor, tmp_path, error):
    path, output = tmp_path / "results.json", Output()
    source = Source(*[None] * 5, error)
    with pytest.raises(type(error)):
        predict_all(source, people(*[1] * 5), predictor, str(path), output)
    assert rows(path) == output.names == [f"{place}.jpg" for place in range(4)]
    assert output.closed == 1


def test_a_full_disk(predictor, tmp_path):
    path, output = tmp_path / "results.json", Output(fails_at="2.jpg")
    with pytest.raises(UserError, match="the disk is full"):
        predict_all(Source(*[None] * 5), people(*[1] * 5), predictor, str(path), output)
    assert output.names == ["0.jpg", "1.jpg"] and output.closed == 1
    assert rows(path)[:2] == output.names


def test_without_drawing_and_without_people(predictor, batches, tmp_path):
    path = tmp_path / "results.json"
    summary = predict_all(Source(None, None), people(0, 0), predictor, str(path))
    assert (summary.frames, summary.people) == (2, 0) and batches == []
    assert json.loads(path.read_text()) == []
