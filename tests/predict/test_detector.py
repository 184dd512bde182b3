import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.predict import detector
from ppdet_hourglass.predict.backends import Session
from ppdet_hourglass.predict.detector import Detector, people_boxes

from .detectors import describe, expected, onnx_detector, paddle_detector

IMAGE = np.zeros((120, 200, 3), np.uint8)


def test_people_boxes():
    rows = np.float32(
        [
            [0, 0.5, 10, 20, 40, 60],
            [0, 0.49, 10, 20, 40, 60],
            [1, 0.9, 10, 20, 40, 60],
            [0, 0.9, 10, 20, 10, 60],
            [-1, 0, 0, 0, 0, 0],
            [0, 0.75, -5, 2, 10, 4],
        ]
    )
    assert people_boxes(rows, 0, 0.5).tolist() == [
        [10, 20, 30, 40, 0.5],
        [-5, 2, 15, 2, 0.75],
    ]
    assert people_boxes(np.zeros((0, 6), np.float32), 0, 0.5).shape == (0, 5)


def test_with_paddle_inference(tmp_path):
    find = Detector(str(paddle_detector(tmp_path / "detector")), 0.5)
    assert find(IMAGE) == pytest.approx(np.array(expected(200, 120)), abs=1e-3)


def test_with_onnx_runtime(tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    folder = str(onnx_detector(tmp_path / "detector"))
    for path in (folder, f"{folder}/detector.onnx"):
        found = Detector(path, 0.5)(IMAGE)
        assert found == pytest.approx(np.array(expected(200, 120)), abs=1e-3)
    assert len(Detector(folder, 0.1)(IMAGE)) == 3


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Builds a detector whose network takes and gives what it is told."""

    def build(names=("image",), output=None, **changes):
        describe(tmp_path, **changes)
        session = Session(names, lambda inputs: [output])
        monkeypatch.setattr(detector, "open_session", lambda *_: session)
        return Detector(str(tmp_path), 0.5)

    return build


@pytest.mark.parametrize(
    "labels, person",
    [(["dog", "person"], 1), (["pedestrian"], 0), (["cat", "pedestrian", "x"], 1)],
)
def test_the_class_of_people_comes_from_the_labels(fake, labels, person):
    rows = np.float32([[k, 0.9, k, 0, k + 1, 1] for k in range(3)])
    (box,) = fake(output=rows, label_list=labels)(IMAGE)
    assert box[0] == person


@pytest.fixture
def refused(tmp_path):
    """Calls what must fail; returns the message, with DIR for the folder."""

    def refused(function, *args, **options):
        with pytest.raises(UserError) as caught:
            function(*args, **options)
        return str(caught.value).replace(str(tmp_path), "DIR")

    return refused


def test_models_that_are_no_detectors(fake, refused):
    assert refused(fake, label_list=["cat", "dog"]) == (
        "DIR/infer_cfg.yml: 'label_list' must name one of person, pedestrian, but has "
        "cat, dog"
    )
    assert refused(fake, label_list=None).endswith("but has no label")
    assert refused(fake, names=["x", "image"]) == (
        "detector DIR takes x, but only image, im_shape and scale_factor are supported"
    )
    assert refused(fake(output=np.zeros((1, 80, 8400))), IMAGE) == (
        "detector DIR must give rows of 6 values (class, score and box), but its "
        "output has the shape (1, 80, 8400): was it exported without its "
        "post-processing?"
    )


def test_folders_that_are_no_detectors(refused, tmp_path):
    def message(path):
        return refused(Detector, str(path), 0.5)

    assert message(tmp_path / "no") == "folder of the detector DIR/no does not exist"
    assert message(tmp_path) == "DIR holds no detector: there is no infer_cfg.yml"
    describe(tmp_path)
    assert message(tmp_path).startswith("DIR holds no Paddle model: ")
    (tmp_path / "infer_cfg.yml").write_text("a: [")
    wrong = "DIR/infer_cfg.yml is not valid YAML"
    assert message(tmp_path / "a.onnx").startswith(wrong)


def test_onnx_files_that_are_torn_not_there_or_not_alone(refused, tmp_path):
    """Paddle 2.6 ends the process for a torn model of its own."""
    pytest.importorskip("onnxruntime", reason="ONNX Runtime looks for the file")
    describe(tmp_path)
    path = str(tmp_path)
    assert refused(Detector, f"{path}/x.onnx", 0.5) == "DIR/x.onnx does not exist"
    (tmp_path / "a.onnx").write_bytes(b"torn")
    message = refused(Detector, path, 0.5)
    assert message.startswith("backend 'onnxruntime' cannot open DIR: ")
    assert "a.onnx failed" in message
    (tmp_path / "b.onnx").write_bytes(b"")
    message = refused(Detector, path, 0.5)
    assert message == "DIR holds a.onnx, b.onnx: name one of them"
