"""The predictor of notebooks: named joints and boxes, detectors, streams, drawings."""

import logging
from unittest.mock import MagicMock

import cv2
import numpy as np
import pytest

from ppdet_hourglass.errors import UserError

from .predict.detectors import expected, onnx_detector
from .predict.test_estimator import picture, predictor


@pytest.fixture
def model():
    """Its joints are at the brightest pixel of each crop."""
    return predictor(flip_test=False)


def test_a_joint_by_its_name(model):
    (pose,) = model(picture(60, 30))
    wrist = model.spec.keypoints.joints.index("left_wrist")
    pose.keypoints[wrist], pose.scores[wrist] = (1.5, 2.25), 0.5
    assert pose["left_wrist"] == (1.5, 2.25, 0.5)
    assert "KeypointSet" not in repr(pose)
    for name, advice in (
        ("left_wrst", "did you mean 'left_wrist'?"),
        (7, "it has right_ankle, right_knee, "),
    ):
        with pytest.raises(UserError) as caught:
            pose[name]
        message = f"MPII keypoints have no {name!r}: {advice}"
        assert str(caught.value).startswith(message)


def test_boxes_by_name(model):
    image, box = picture(60, 30), [20, 10, 50, 60, 0.25]
    (pose,) = model(image, [box])
    corners = [20, 10, 70, 70, 0.25]
    for same in (
        model(image, xyxy=[corners]),
        model(image, xyxy=np.float32([corners])),
        model([image, image], xyxy=[None, [corners]])[1],
    ):
        assert same[0].box.tolist() == box[:4] and same[0].score == pose.score
        assert (same[0].keypoints == pose.keypoints).all()


@pytest.mark.parametrize(
    "boxes, message",
    [
        (
            {"xyxy": [[1, 2, 3, 4]], "boxes": [[1, 2, 3, 4]]},
            "only one of boxes and xyxy may be given",
        ),
        (
            {"xyxy": [[10, 20, 30, 40], [10, 20, 5, 40]]},
            "box 1 must be wider and higher than 0, but is [10.0, 20.0, 5.0, 40.0] "
            "(left, top, right, bottom)",
        ),
        (
            {"xyxy": [1, 2, 3, 4]},
            "boxes must have the shape (M, 4), left, top, right, bottom, or (M, 5) "
            "with a score, but got (4,)",
        ),
        (
            {"boxes": [[1, 2, 3, 4], [1, 2]]},
            "boxes must have the shape (M, 4), x, y, width, height, or (M, 5) with a "
            "score, but got (2,)",
        ),
    ],
)
def test_wrong_boxes(model, boxes, message):
    with pytest.raises(UserError) as caught:
        model(picture(60, 30), **boxes)
    assert str(caught.value) == message


def test_a_detector_finds_people_where_no_boxes_are_given(model):
    seen = []
    found = [[5, 5, 20, 20], [30, 30, 40, 40]]
    model.detector = lambda image: seen.append(image.shape) or found
    poses = model([picture(60, 30), picture(9, 9, width=50)], [None, [[0, 0, 9, 9]]])
    assert seen == [(100, 100, 3)]
    boxes = [[pose.box.tolist() for pose in row] for row in poses]
    assert boxes == [found, [[0, 0, 9, 9]]]
    model.detector = lambda image: np.zeros((0, 5))
    assert model(picture(60, 30)) == []


def test_a_detector_by_its_folder(model, tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from ppdet_hourglass.predict.detector import open_detector

    model.detector = open_detector(onnx_detector(tmp_path / "detector"))
    poses = model(picture(60, 30, height=120, width=200))
    found = [[*pose.box.tolist(), pose.score / pose.scores.mean()] for pose in poses]
    assert np.array(found) == pytest.approx(np.array(expected(200, 120)), abs=1e-3)
    assert open_detector(None) is None and open_detector(len) is len


def test_a_stream_of_a_folder(tmp_path, caplog):
    for name, x in (("a.png", 20), ("b.png", 50), ("c.png", 80)):
        cv2.imwrite(str(tmp_path / name), picture(x, 40))
    (tmp_path / "broken.jpg").write_text("no picture")
    model = predictor(batch_size=2, flip_test=False)
    with caplog.at_level(logging.WARNING):
        found = list(model.stream(tmp_path))
    assert [frame.name for frame, _ in found] == ["a.png", "b.png", "c.png"]
    for (frame, (pose,)), x in zip(found, (20, 50, 80)):
        assert np.abs(np.array(pose["pelvis"][:2]) - [x, 40]).max() <= 7
        assert frame.image.shape == (100, 100, 3)
    assert model.network.batches == [2, 1]
    assert caplog.messages == [f"skipped: image {tmp_path}/broken.jpg cannot be read"]


def test_a_stream_is_lazy_and_releases_the_camera(monkeypatch):
    camera = MagicMock()
    camera.get.return_value = 0
    camera.read.return_value = (True, picture(60, 30))
    monkeypatch.setattr(cv2, "VideoCapture", MagicMock(return_value=camera))
    model = predictor(batch_size=3, flip_test=False)
    model.detector = lambda image: [[0, 0, 100, 100]]
    numbers = []
    for frame, poses in model.stream(0):
        numbers.append(frame.number)
        assert len(poses) == 1 and frame.in_video
        if frame.number == 3:
            break
    assert numbers == [0, 1, 2, 3]
    assert cv2.VideoCapture.call_args.args[0] == 0 and camera.read.call_count == 6
    camera.release.assert_called()


def test_a_stream_of_nothing_is_refused_at_once(model):
    with pytest.raises(UserError, match="^input nowhere does not exist$"):
        model.stream("nowhere")


def test_drawing(model, tmp_path):
    image = picture(60, 30)
    path = tmp_path / "picture.png"
    cv2.imwrite(str(path), image)
    poses = model(image)
    drawn = model.draw(image, poses)
    assert drawn.shape == image.shape and drawn.dtype == np.uint8
    assert (drawn != image).any() and (image == picture(60, 30)).all()
    assert (model.draw(path, poses) == drawn).all()
    assert (model.draw(image, poses, boxes=True) != drawn).any()
    with pytest.raises(UserError, match="^image nowhere.jpg does not exist$"):
        model.draw("nowhere.jpg", poses)
