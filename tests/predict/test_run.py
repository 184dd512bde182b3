"""The loop, around a predictor that only counts."""

import json
import logging
import threading
import time

import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.keypoints.pose import Pose
from ppdet_hourglass.modeling.codec import HeatmapCodec
from ppdet_hourglass.predict import run
from ppdet_hourglass.predict.estimator import PoseEstimator
from ppdet_hourglass.predict.model_spec import ModelSpec
from ppdet_hourglass.predict.run import predict_all
from ppdet_hourglass.predict.sources import Frame

from ..conftest import refused

COLORS = (0.5, 0.5, 0.5)
SPEC = ModelSpec((16, 16), COLORS, COLORS, read_keypoints("mpii"), HeatmapCodec(False))


class Source:
    """Frames of 20 x 20 pixels, and an error after the last one if given."""

    skipped = ()

    def __init__(self, length, error=None):
        self.length = length
        self.error = error
        self.read = 0
        self.released = 0

    def __iter__(self):
        try:
            for place in range(self.length):
                self.read += 1
                yield Frame(f"{place}.jpg", place, np.zeros((20, 20, 3), np.uint8))
            if self.error:
                raise self.error
        finally:
            self.released += 1


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
    """Sizes of the predicted batches, in order."""
    return []


@pytest.fixture
def results(tmp_path):
    return tmp_path / "results.json"


@pytest.fixture
def predict(batches, results):
    """Predicts ``counts`` boxes in each frame; None for the whole picture."""

    def network(inputs):
        batches.append(len(inputs))
        return np.ones((len(inputs), 16, 4, 4), np.float32)

    def predict(source, counts, output=None):
        def find(frame):
            count = counts[frame.number]
            return None if count is None else np.tile([2.0, 2, 10, 10, 0.5], (count, 1))

        estimator = PoseEstimator(network, SPEC, batch_size=4)
        predict_all(source, find, estimator, str(results), output)

    return predict


def rows(path):
    return [row["image"] for row in json.loads(path.read_text())]


def names(*numbers):
    return [f"{number}.jpg" for number in numbers]


def test_people_are_predicted_in_common_batches(predict, batches, results):
    output = Output()
    predict(Source(6), (1, 2, 0, 3, None, 1), output)
    assert batches == [4, 2, 2]  # frames 0 to 3 hold six people
    assert output.names == names(*range(6)) and output.closed == 1
    assert rows(results) == names(0, 1, 1, 3, 3, 3, 4, 5)


def test_memory_is_bounded(predict, monkeypatch):
    """A batch is drawn, another predicted and a third read at most."""
    source, read = Source(12), []
    monkeypatch.setattr(run, "MAX_BATCH_BYTES", 2 * 20 * 20 * 3)

    def draw(image, *_, **__):
        time.sleep(0.02)  # so that the others run as far ahead as they can
        read.append(source.read)

    monkeypatch.setattr(run, "draw_people", draw)
    predict(source, [None] * 12, Output())
    ahead = np.array(read) - 2 * (np.arange(12) // 2)
    assert ahead.max() == 6


def test_reading_and_drawing_go_on_while_the_network_runs(results):
    """The network waits for the next batch to be read and the last to be drawn."""
    events = {name: threading.Event() for name in ("read 1.jpg", "drawn 0.jpg")}
    calls = []

    def find(frame):
        events.get(f"read {frame.name}", threading.Event()).set()

    def network(inputs):
        calls.append(events[["read 1.jpg", "drawn 0.jpg"][len(calls)]].wait(5))
        return np.ones((len(inputs), 16, 4, 4), np.float32)

    class Noted(Output):
        def write(self, frame, picture):
            super().write(frame, picture)
            events.get(f"drawn {frame.name}", threading.Event()).set()

    output = Noted()
    estimator = PoseEstimator(network, SPEC, batch_size=1)
    predict_all(Source(2), find, estimator, str(results), output)
    assert calls == [True, True] and output.names == ["0.jpg", "1.jpg"]


@pytest.mark.parametrize(
    "error, fails_at, drawn, written",
    [
        (KeyboardInterrupt(), None, 4, 4),
        (UserError("torn"), None, 4, 4),
        (None, "2.jpg", 2, 3),
    ],
)
def test_what_was_done_is_kept(predict, results, error, fails_at, drawn, written):
    output = Output(fails_at)
    with pytest.raises(type(error or UserError())):
        predict(Source(5, error), [1] * 5, output)
    assert output.names == names(0, 1, 2, 3)[:drawn] and output.closed == 1
    assert rows(results) == names(0, 1, 2, 3)[:written]


@pytest.mark.parametrize(
    "fails_at, problem, also",
    [
        ("2.jpg", "the disk is full", ["also: r.json is locked"]),
        (None, "r.json is locked", []),
    ],
)
def test_the_first_error_is_told_and_everything_is_closed(
    predict, caplog, monkeypatch, fails_at, problem, also
):
    def write_results(path, rows):
        raise UserError("r.json is locked")

    monkeypatch.setattr(run, "write_results", write_results)
    output, source = Output(fails_at), Source(5)
    assert refused(predict, source, [1] * 5, output) == problem
    assert output.closed == source.released == 1
    errors = [r.getMessage() for r in caplog.records if r.levelname == "ERROR"]
    assert errors == also


@pytest.mark.parametrize(
    "frames, boxes, said",
    [(1, 1, "1 person in 1 image"), (2, 0, "0 people in 2 images")],
)
def test_without_drawing(predict, batches, results, caplog, frames, boxes, said):
    with caplog.at_level(logging.INFO):
        predict(Source(frames), [boxes] * frames)
    assert [r.getMessage() for r in caplog.records] == [f"{said}: {results}"]
    assert len(batches) == len(rows(results)) == boxes


def test_progress_counts_what_was_predicted(predict, batches, monkeypatch):
    """Not what was read: all three frames are read before the first is predicted."""

    class Progress(run.tqdm):
        def update(self, n=1):
            batches.append(f"frame {self.n + n}")
            return super().update(n)

    monkeypatch.setattr(run, "tqdm", Progress)
    predict(Source(3), [1] * 3)
    assert batches == [3, "frame 1", "frame 2", "frame 3"]


def test_records():
    pose = Pose(
        np.float32([[1.25, 2], [3.00049, 4]]),
        np.float32([0.5, 0.125]),
        np.float32([10, 20, 30, 40.5]),
        0.3125,
        read_keypoints("mpii"),
    )
    pixels = np.zeros((4, 4, 3), np.uint8)
    known = {
        "image": "x/7.jpg",
        "image_id": 7,
        "category_id": 1,
        "keypoints": [1.25, 2.0, 0.5, 3.0, 4.0, 0.125],
        "score": 0.3125,
        "bbox": [10.0, 20.0, 30.0, 40.5],
        "pixels": "upright",
    }
    assert run.pose_row(Frame("x/7.jpg", 7, pixels), pose) == known
    of_a_video = Frame("x/7.jpg", 7, pixels, in_video=True, pixels="stored")
    row = run.pose_row(of_a_video, pose)
    assert row == {**known, "pixels": "stored", "frame": 7}
