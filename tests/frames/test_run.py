"""The loop, around a predictor that only counts."""

import json
import logging

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
    find = people(1, 2, 0, 3, None, 1)
    predict_all(Source(*[None] * 6), find, predictor, str(path), output)
    assert batches == [4, 2, 2]  # frames 0 to 3 hold six people
    assert output.names == [f"{place}.jpg" for place in range(6)]
    expected = [0, 1, 1, 3, 3, 3, 4, 5]
    assert rows(path) == [f"{place}.jpg" for place in expected]
    assert output.closed == 1


def test_memory_is_bounded(predictor, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "MAX_BATCH_BYTES", 2 * 20 * 20 * 3)
    known = []
    monkeypatch.setattr(
        run, "draw_people", lambda image, *_, **__: known.append(len(read)) or image
    )
    read = []

    def find(frame):
        read.append(frame.name)

    predict_all(Source(*[None] * 5), find, predictor, str(tmp_path / "r"), Output())
    assert known == [2, 2, 4, 4, 5]  # frames that were read when each was drawn


@pytest.mark.parametrize(
    "error, fails_at, drawn, written",
    [
        (KeyboardInterrupt(), None, 4, 4),
        (UserError("torn"), None, 4, 4),
        (None, "2.jpg", 2, 3),
    ],
)
def test_what_was_done_is_kept(predictor, tmp_path, error, fails_at, drawn, written):
    path, output = tmp_path / "results.json", Output(fails_at)
    source = Source(*[None] * 5, error)
    with pytest.raises(type(error) if error else UserError):
        predict_all(source, people(*[1] * 5), predictor, str(path), output)
    names = [f"{place}.jpg" for place in range(4)]
    assert output.names == names[:drawn] and rows(path) == names[:written]
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
def test_without_drawing(predictor, batches, tmp_path, caplog, frames, boxes, said):
    source, path = Source(*[None] * frames), tmp_path / "r.json"
    with caplog.at_level(logging.INFO):
        predict_all(source, people(*[boxes] * frames), predictor, str(path))
    assert [r.getMessage() for r in caplog.records] == [f"{said}: {path}"]
    assert len(batches) == len(rows(path)) == boxes


def test_progress_counts_what_was_predicted(predictor, batches, tmp_path, monkeypatch):
    """Not what was read: all three frames are read before the first is predicted."""

    class Progress(run.tqdm):
        def update(self, n=1):
            batches.append(f"frame {self.n + n}")
            return super().update(n)

    monkeypatch.setattr(run, "tqdm", Progress)
    source = Source(*[None] * 3)
    predict_all(source, people(1, 1, 1), predictor, str(tmp_path / "r.json"))
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
