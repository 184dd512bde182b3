"""The loop, around a predictor that only counts."""

import json
import logging
import threading
import time

import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.frames import run
from ppdet_hourglass.frames.run import predict_all
from ppdet_hourglass.frames.sources import Frame
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.keypoints.pose import Pose
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
        self.skipped = []
        self.released = 0

    def __iter__(self):
        try:
            for place, item in enumerate(self.items):
                if item is not None:
                    raise item
                yield Frame(f"{place}.jpg", place, np.zeros((20, 20, 3), np.uint8))
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
    assert (summary.frames, summary.people) == (6, 8)
    assert batches == [4, 2, 2]  # frames 0 to 3 hold six people
    assert output.names == [f"{place}.jpg" for place in range(6)]
    expected = [0, 1, 1, 3, 3, 3, 4, 5]
    assert rows(path) == [f"{place}.jpg" for place in expected]
    assert output.closed == 1


def test_memory_is_bounded(predictor, tmp_path, monkeypatch):
    """A batch is drawn, another predicted and a third read at most."""
    monkeypatch.setattr(run, "MAX_BATCH_BYTES", 2 * 20 * 20 * 3)
    known = []

    def draw(image, *_, **__):
        time.sleep(0.02)  # so that the others run as far ahead as they can
        known.append(len(read))
        return image

    monkeypatch.setattr(run, "draw_people", draw)
    read = []

    def find(frame):
        read.append(frame.name)

    predict_all(Source(*[None] * 12), find, predictor, str(tmp_path / "r"), Output())
    ahead = np.array(known) - 2 * (np.arange(12) // 2)
    assert ahead.max() == 6


def test_reading_and_drawing_go_on_while_the_network_runs(tmp_path, monkeypatch):
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
    predict_all(Source(None, None), find, estimator, str(tmp_path / "r"), output)
    assert calls == [True, True] and output.names == ["0.jpg", "1.jpg"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), UserError("torn")])
def test_what_was_done_is_kept(predictor, tmp_path, error):
    path, output = tmp_path / "results.json", Output()
    source = Source(*[None] * 5, error)
    with pytest.raises(type(error)):
        predict_all(source, people(*[1] * 5), predictor, str(path), output)
    assert rows(path) == output.names == [f"{place}.jpg" for place in range(4)]
    assert output.closed == 1


def test_the_first_error_is_told_and_everything_is_closed(
    predictor, tmp_path, caplog, monkeypatch
):
    def write_results(path, rows):
        raise UserError(f"{path} cannot be written: No space left on device")

    monkeypatch.setattr(run, "write_results", write_results)
    output, source = Output(fails_at="2.jpg"), Source(*[None] * 5)
    with pytest.raises(UserError, match="^the disk is full$"):
        predict_all(source, people(*[1] * 5), predictor, "r.json", output)
    assert output.closed == source.released == 1
    errors = [r.getMessage() for r in caplog.records if r.levelname == "ERROR"]
    assert errors == ["also: r.json cannot be written: No space left on device"]
    output, source = Output(), Source(None)
    with pytest.raises(UserError, match="^r.json cannot be written: "):
        predict_all(source, people(1), predictor, "r.json", output)
    assert output.closed == source.released == 1


@pytest.mark.parametrize(
    "frames, boxes, said",
    [(1, 1, "1 person in 1 picture"), (2, 0, "0 people in 2 pictures")],
)
def test_what_is_said_at_the_end(predictor, tmp_path, caplog, frames, boxes, said):
    source, path = Source(*[None] * frames), tmp_path / "r.json"
    with caplog.at_level(logging.INFO):
        predict_all(source, people(*[boxes] * frames), predictor, str(path))
    assert [r.getMessage() for r in caplog.records] == [f"{said}: {path}"]


def test_progress_counts_what_was_predicted(tmp_path, monkeypatch):
    """Not what was read: all three frames are read before the first is predicted."""
    shown = []

    class Progress(run.tqdm):
        def update(self, n=1):
            shown.append(self.n + n)
            return super().update(n)

    def network(inputs):
        shown.append("predicted")
        return np.ones((len(inputs), 16, 4, 4), np.float32)

    monkeypatch.setattr(run, "tqdm", Progress)
    estimator = PoseEstimator(network, SPEC, batch_size=4)
    source = Source(*[None] * 3)
    predict_all(source, people(1, 1, 1), estimator, str(tmp_path / "r.json"))
    assert shown == ["predicted", 1, 2, 3]


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
    row = run.pose_row(
        Frame("x/7.jpg", 7, pixels, in_video=True, pixels="stored"), pose
    )
    assert row == {**known, "pixels": "stored", "frame": 7}


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
