"""Opening networks: the backend ``auto``; configs, against an evaluation."""

import importlib.util
import json
import logging
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from ppdet_hourglass import Predictor
from ppdet_hourglass.cli import main
from ppdet_hourglass.compat.config import load
from ppdet_hourglass.data.crop import CENTER_SHIFT_Y, PIXELS_PER_SCALE
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.modeling.codec import HeatmapCodec
from ppdet_hourglass.predict import open_network as opening
from ppdet_hourglass.predict.backends import Options, Session
from ppdet_hourglass.predict.model_spec import spec_of
from ppdet_hourglass.predict.open_network import (
    as_overrides,
    fastest_first,
    open_exported,
    open_network,
)

from ..end_to_end.conftest import arguments
from ..networks import CONFIG, TINY, random_weights, values

FP32 = [("openvino", "fp32"), ("onnxruntime", "fp32"), ("paddle", "fp32")]
FILES = ("model.pdiparams", "model.onnx", "model_int8.xml")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """All models, all backends installed, and a processor with bf16."""
    monkeypatch.setattr(opening, "has_bf16", lambda: True)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    for name in FILES:
        (tmp_path / name).write_bytes(b"")
    describe(tmp_path, {"paddle": 0.5, "openvino": 0.51})
    return tmp_path


def describe(folder, bf16):
    own = {"hourglass": {"moved_px": {"bf16": bf16}} if bf16 else {}}
    (folder / "infer_cfg.yml").write_text(yaml.safe_dump(own))


def ways(folder, **options):
    return fastest_first(str(folder), Options(**options))


def test_bf16_that_keeps_the_joints_comes_after_int8_and_before_fp32(folder):
    assert ways(folder) == [("openvino", "int8"), ("paddle", "bf16"), *FP32]
    describe(folder, {"paddle": 0.6, "openvino": 0.1})
    assert ways(folder) == [("openvino", "int8"), ("openvino", "bf16"), *FP32]


def test_bf16_needs_a_measurement_and_a_processor(folder, monkeypatch):
    (folder / "model_int8.xml").unlink()
    monkeypatch.setattr(opening, "has_bf16", lambda: False)
    assert ways(folder) == FP32
    monkeypatch.setattr(opening, "has_bf16", lambda: True)
    describe(folder, {})
    assert ways(folder) == FP32


def test_a_precision_that_is_asked_for(folder, monkeypatch):
    describe(folder, {})
    assert ways(folder, precision="bf16") == [("openvino", "bf16"), ("paddle", "bf16")]
    assert ways(folder, precision="fp32") == FP32
    assert ways(folder, precision="fp16") == [("paddle", "fp16")]
    (folder / "model_int8.xml").unlink()
    assert ways(folder, precision="int8") == [("openvino", "int8")]


def test_what_is_not_there_is_left_out(folder, monkeypatch):
    describe(folder, {})
    (folder / "model.pdiparams").unlink()
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "openvino" else name
    )
    assert ways(folder) == [("onnxruntime", "fp32")]
    (folder / "model.onnx").unlink()
    assert ways(folder) == [("paddle", "fp32")]  # which says what is missing


def test_on_a_gpu_the_results_stay_those_of_fp32(folder):
    expected = [("paddle", "fp32"), ("onnxruntime", "fp32"), ("openvino", "fp32")]
    assert ways(folder, device="gpu") == expected


def test_a_way_that_does_not_open_gives_way_to_the_next(folder, monkeypatch, caplog):
    def open_session(path, backend, options):
        opened.append((backend, options.precision, options.threads))
        if backend != "paddle":
            raise UserError(f"backend '{backend}' cannot open {path}: torn")
        return Session(["image"], lambda arrays: [-arrays["image"]])

    opened = []
    monkeypatch.setattr(opening, "open_session", open_session)
    with caplog.at_level(logging.INFO):
        network = open_exported(str(folder), "auto", Options(threads=3))
    assert network(np.ones(2)).tolist() == [-1, -1]
    assert opened == [("openvino", "int8", 3), ("paddle", "bf16", 3)]
    assert caplog.messages == [
        f"backend 'openvino' cannot open {folder}: torn: trying the next fastest",
        "backend: paddle in bf16 on the cpu",
    ]
    monkeypatch.setattr(opening, "fastest_first", lambda *_: FP32[:2])
    with pytest.raises(UserError, match="^backend 'onnxruntime' cannot open .*: torn$"):
        open_exported(str(folder), "auto", Options())


def test_an_unknown_backend(tmp_path):
    with pytest.raises(UserError) as caught:
        open_exported(str(tmp_path), "tflite", Options())
    assert str(caught.value) == (
        "backend must be one of auto, paddle, onnxruntime, openvino, but got 'tflite'"
    )


OVERRIDES = values([*TINY, "use_gpu=false"])

#: What ``spec_of`` asks of an architecture.
MODEL = SimpleNamespace(codec=HeatmapCodec())


def box_of(record):
    """The box around which prediction cuts the crop that evaluation cuts.

    MPII's positions are 1-based, and its centres 15 px per unit scale too high.
    """
    side = PIXELS_PER_SCALE * record["scale"]
    x, y = record["center"]
    y += CENTER_SHIFT_Y * record["scale"]
    return [x - 1 - side / 2, y - 1 - side / 2, side, side]


@pytest.mark.parametrize(
    "people, decoder, flip_test, offset",
    [
        ("sample_people", "quarter", True, 0.5),
        ("five_people", "quarter", True, 0.5),
        ("five_people", "dark", False, 0.0),
    ],
)
def test_the_numbers_are_those_of_an_evaluation(
    config, weights, tmp_path, request, people, decoder, flip_test, offset
):
    folder = request.getfixturevalue(people)
    overrides = {
        **OVERRIDES,
        "TopDownHourglass.decoder": decoder,
        "TopDownHourglass.flip_test": flip_test,
        "TopDownHourglass.peak_offset": offset,
    }
    options = as_overrides({**overrides, "weights": weights})
    assert main(["eval", *arguments(folder, tmp_path, *options)]) == 0
    results = tmp_path / "hourglass_sample/keypoints_results.json"
    rows = [row["keypoints"] for row in json.loads(results.read_text())]
    evaluated = np.reshape(rows, (-1, 16, 3))

    predictor = Predictor.from_config(CONFIG, weights, batch_size=3, **overrides)
    records = json.loads((folder / "annotations/mpii_val.json").read_text())
    images = [folder / "images" / record["image"] for record in records]
    people = predictor(images, [[box_of(record)] for record in records])
    assert len(people) == len(evaluated)
    for (pose,), joints in zip(people, evaluated):
        assert np.abs(pose.keypoints - joints[:, :2]).max() < 0.05
        assert np.abs(pose.scores - joints[:, 2]).max() < 1e-3
        assert pose.score == pytest.approx(joints[:, 2].mean(), abs=1e-3)
    spread = np.std([pose.keypoints for (pose,) in people], axis=0)
    assert spread.min() > 1  # the comparison is one of different numbers


def test_the_spec_is_the_configs(config, weights):
    options = {"TopDownHourglass.decoder": "quarter", "trainsize": [96, 64]}
    spec = Predictor.from_config(CONFIG, weights, **OVERRIDES, **options).spec
    assert spec.input_size == (96, 64)
    assert spec.mean == (0.485, 0.456, 0.406) and spec.std == (0.229, 0.224, 0.225)
    assert spec.keypoints.name == "MPII"
    assert spec.codec == HeatmapCodec(True, True, "quarter")


def test_colors_of_0_to_255_and_an_oblong_crop():
    steps = [{"TopDownAffine": {"trainsize": [192, 256]}}]
    colors = {"mean": [127.5, 51, 0], "std": [255, 51, 25.5], "is_scale": False}
    reader = {"sample_transforms": [*steps, {"NormalizeImage": colors}]}
    spec = spec_of({"EvalReader": reader}, "x.yml", read_keypoints("lsp"), MODEL)
    assert spec.input_size == (192, 256)
    assert spec.mean == pytest.approx((0.5, 0.2, 0)) and spec.std == (1, 0.2, 0.1)


@pytest.mark.parametrize(
    "steps, problem",
    [
        ([], "EvalReader lacks TopDownAffine, which prediction needs"),
        (
            [{"TopDownAffine": {"trainsize": [8, 8]}}],
            "EvalReader lacks NormalizeImage, which prediction needs",
        ),
        (
            [{"TopDownAffine": {"use_udp": True}}, {"NormalizeImage": {}}],
            "EvalReader's TopDownAffine.use_udp is not supported",
        ),
    ],
)
def test_readers_that_prediction_cannot_follow(steps, problem):
    reader = {"sample_transforms": steps, "batch_transforms": None}
    with pytest.raises(UserError) as caught:
        spec_of({"EvalReader": reader}, "x.yml", read_keypoints("mpii"), MODEL)
    assert str(caught.value) == f"x.yml: {problem}"


def test_two_configs_in_one_process(config, weights, tmp_path):
    """PaddleDetection's one config keeps nothing of the first."""
    before = {name: str(value) for name, value in config.items()}
    assert len(Predictor.from_config(CONFIG, weights, **OVERRIDES).spec.keypoints) == 16
    lsp = [*TINY, "use_gpu=false", "keypoints=lsp"]
    other = random_weights(tmp_path / "lsp.pdparams", lsp)
    predictor = Predictor.from_config(CONFIG, other, **values(lsp))
    (pose,) = predictor(np.zeros((100, 80, 3), np.uint8))
    assert pose.keypoints.shape == (14, 2)
    assert pose.box.tolist() == [0, 0, 80, 100]
    assert {name: str(value) for name, value in config.items()} == before


def test_a_config_that_was_loaded_before(config, weights):
    """Its options neither reach the predictor nor change."""
    option = "OptimizerBuilder.optimizer.beta1=0.5"
    load(CONFIG, ["TopDownHourglass.peak_offset=0.25", option])
    before = {name: str(value) for name, value in config.items()}
    predictor = Predictor.from_config(CONFIG, weights, **OVERRIDES)
    assert predictor.spec.codec.peak_offset == 0.0
    assert {name: str(value) for name, value in config.items()} == before


def test_wrong_configs_and_weights(config, weights, tmp_path):
    def message(path, file, **overrides):
        with pytest.raises(UserError) as caught:
            Predictor.from_config(path, file, **{**OVERRIDES, **overrides})
        return str(caught.value).replace(f"{tmp_path}/", "")

    assert message("none.yml", weights) == "config file none.yml does not exist"
    missing = str(tmp_path / "no.pdparams")
    assert message(CONFIG, missing) == "weights no.pdparams (weights) do not exist"
    wider = {"HourglassNet.feat_channels": 12}
    assert message(CONFIG, weights, **wider).endswith("trained with another config?")
    assert message(CONFIG, weights, architecture="TopDownHRNet") == (
        "config key 'architecture' must be TopDownHourglass, but is TopDownHRNet"
    )
    with pytest.raises(UserError) as caught:
        open_network(CONFIG, overrides=["weights=null"])
    assert str(caught.value) == f"{CONFIG} has no key 'weights': give -o weights=FILE"
