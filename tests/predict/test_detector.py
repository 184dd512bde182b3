from types import SimpleNamespace

import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.predict import detector
from ppdet_hourglass.predict.backends import Session
from ppdet_hourglass.predict.detector import (
    Detector,
    label_of,
    pad_stride,
    people_boxes,
    prepare,
    read_steps,
    resize,
    standardise,
)

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
    message = refused(fake, label_list=["cat", "dog"])
    assert message.startswith("DIR/infer_cfg.yml: 'label_list' needs one of person, ")
    assert message.endswith("but has cat, dog")
    assert refused(fake, label_list=None).endswith("but has no label")
    message = refused(fake, names=["x", "image"])
    assert message.startswith("detector DIR takes x; ") and "scale_factor" in message
    message = refused(fake(output=np.zeros((1, 80, 8400))), IMAGE)
    assert message.startswith("detector DIR must give (D, 6), but gives (1, 80, 8400)")


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


def inputs(height, width, value=0):
    return {
        "image": np.full((height, width, 3), value, np.uint8),
        "im_shape": (height, width),
        "scale_factor": (1, 1),
    }


@pytest.mark.parametrize(
    "size, target, keep_ratio, shape, factor",
    [
        ((100, 200), [640, 640], True, (320, 640), (3.2, 3.2)),
        ((480, 640), [800, 1333], True, (800, 1067), (800 / 480,) * 2),
        ((640, 480), [800, 1333], True, (1067, 800), (800 / 480,) * 2),
        ((100, 50), [320, 640], False, (320, 640), (3.2, 12.8)),
        ((100, 50), 320, False, (320, 320), (3.2, 6.4)),
    ],
)
def test_resize(size, target, keep_ratio, shape, factor):
    known = resize(inputs(*size), target, keep_ratio)
    assert known["image"].shape[:2] == shape == tuple(known["im_shape"])
    assert known["scale_factor"] == pytest.approx(factor, rel=1e-6)


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"mean": [0.5, 0.5, 0.6], "std": [0.5, 0.25, 0.4]}, [1, 2, 1]),
        ({"mean": [9, 9, 9], "std": [9, 9, 9], "norm_type": "none"}, [1, 1, 1]),
        (
            {"mean": [127.5, 55, 255], "std": [127.5, 100, 1], "is_scale": False},
            [1, 2, 0],
        ),
        ({"is_scale": False, "norm_type": "none"}, [255, 255, 255]),
    ],
)
def test_standardise(options, expected):
    image = standardise(inputs(1, 1, 255), **options)["image"]
    assert image[0, 0] == pytest.approx(expected, abs=1e-6)


def test_pad_stride():
    known = pad_stride(inputs(33, 64, 7), 32)
    assert known["image"].shape == (64, 64, 3)
    assert (known["image"][:33] == 7).all() and not known["image"][33:].any()
    assert pad_stride(known, 0)["image"].shape == (64, 64, 3)
    assert known["im_shape"] == (33, 64)


def test_inputs_are_rgb_in_planes():
    blue_green_red = np.zeros((4, 6, 3), np.uint8)
    blue_green_red[:] = [1, 2, 3]
    rows = [
        {"type": "Resize", "target_size": [8, 12], "keep_ratio": False, "interp": 2},
        {"type": "NormalizeImage", "is_scale": False, "norm_type": "none"},
        {"type": "Permute"},
    ]
    known = prepare(blue_green_red, read_steps(rows, "infer_cfg.yml"))
    assert known["image"].shape == (1, 3, 8, 12)
    assert known["image"][0, :, 0, 0].tolist() == [3, 2, 1]
    assert known["im_shape"].tolist() == [[8, 12]]
    assert {array.dtype for array in known.values()} == {np.dtype(np.float32)}
    assert known["scale_factor"].tolist() == [[2, 2]]


@pytest.mark.parametrize(
    "rows, problem",
    [
        (None, "'Preprocess' must be a list of steps, but got None"),
        ([1], "'Preprocess'[0] must be an object, but got 1"),
        (
            [{"type": "LetterBoxResize", "target_size": 640}],
            "Preprocess step 'LetterBoxResize' is not supported; supported: Resize, "
            "NormalizeImage, Permute, PadStride",
        ),
        ([{"stride": 3}], "Preprocess step None is not supported; supported: Resize, "),
        (
            [{"type": "Permute", "to_bgr": True}],
            "Preprocess step 'Permute': <lambda>() got an unexpected keyword argument "
            "'to_bgr'",
        ),
        ([{"type": [{}]}], "Preprocess step [{}] is not supported; supported: Resize"),
        (
            [{"type": "NormalizeImage", "mean": [10**400]}],
            "Preprocess step 'NormalizeImage': int too large to convert to float",
        ),
        ([{"type": "Resize"}], "Preprocess step 'Resize': resize() missing 1 required"),
        (
            [{"type": "NormalizeImage", "norm_type": "max"}],
            "Preprocess step 'NormalizeImage': norm_type must be mean_std or none, "
            "but got 'max'",
        ),
    ],
)
def test_steps_that_are_not_known(rows, problem):
    with pytest.raises(UserError) as caught:
        read_steps(rows, "infer_cfg.yml")
    assert str(caught.value).startswith(f"infer_cfg.yml: {problem}")


KITES = SimpleNamespace(name="Kite")


@pytest.mark.parametrize(
    "labels, keypoints, category, expected",
    [
        (["dog", "Pedestrian"], None, None, 1),
        (["kite"], KITES, None, 0),
        (["person"], KITES, None, 0),  # its only label
        (["person", "kite"], KITES, None, 1),
        (["person", "kite"], SimpleNamespace(name="MPII"), None, 0),
        (["person", "kite", "car"], KITES, "Car", 2),
    ],
)
def test_the_label_to_find(labels, keypoints, category, expected):
    assert label_of(labels, "x.yml", keypoints, category) == expected


@pytest.mark.parametrize(
    "labels, keypoints, category, wanted",
    [
        (["person", "car"], KITES, None, "Kite"),
        (["kite"], KITES, "dog", "dog"),
        (["kite", "car"], None, None, "person"),
    ],
)
def test_a_label_that_is_not_there(labels, keypoints, category, wanted):
    message = refused_label(labels, "x.yml", keypoints, category)
    assert message.startswith(f"x.yml: 'label_list' needs one of {wanted}")
    assert message.endswith(", ".join(labels))


def refused_label(*args):
    with pytest.raises(UserError) as caught:
        label_of(*args)
    return str(caught.value)


def test_paddlexs_names_of_the_files(tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    folder = onnx_detector(tmp_path / "detector")
    (folder / "infer_cfg.yml").rename(folder / "inference.yml")
    (folder / "detector.onnx").rename(folder / "inference.onnx")
    for path in (folder, folder / "inference.onnx"):
        assert len(Detector(str(path), 0.5)(IMAGE)) == 2
    folder = paddle_detector(tmp_path / "paddle")
    for path in folder.iterdir():
        path.rename(folder / path.name.replace("model", "inference"))
    (folder / "infer_cfg.yml").rename(folder / "inference.yml")
    assert len(Detector(str(folder), 0.5)(IMAGE)) == 2


@pytest.mark.parametrize("std", [[0, 1, 1], [float("nan"), 1, 1]])
def test_a_deviation_that_is_no_divisor(std):
    rows = [{"type": "NormalizeImage", "mean": [0, 0, 0], "std": std}]
    with pytest.raises(UserError, match="'std'"), np.errstate(all="ignore"):
        read_steps(rows, "infer_cfg.yml")
