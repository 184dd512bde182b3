"""The backend ``auto``."""

import importlib.util
import logging

import numpy as np
import pytest
import yaml

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.predict.backends import Options, choice
from ppdet_hourglass.predict.backends.choice import (
    fastest_first,
    has_bf16,
    open_chosen,
)

FP32 = [("openvino", "fp32"), ("onnxruntime", "fp32"), ("paddle", "fp32")]
FILES = ("model.pdiparams", "model.onnx", "model_int8.xml")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """All models, all backends installed, and a processor with bf16."""
    monkeypatch.setattr(choice, "has_bf16", lambda: True)
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
    monkeypatch.setattr(choice, "has_bf16", lambda: False)
    assert ways(folder) == FP32
    monkeypatch.setattr(choice, "has_bf16", lambda: True)
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
    def open_network(path, backend, options):
        opened.append((backend, options.precision, options.threads))
        if backend != "paddle":
            raise UserError(f"backend '{backend}' cannot open {path}: torn")
        return np.negative

    opened = []
    monkeypatch.setattr(choice, "open_network", open_network)
    with caplog.at_level(logging.INFO):
        network = open_chosen(str(folder), "auto", Options(threads=3))
    assert network is np.negative
    assert opened == [("openvino", "int8", 3), ("paddle", "bf16", 3)]
    assert caplog.messages == [
        f"backend 'openvino' cannot open {folder}: torn: trying the next fastest",
        "backend: paddle in bf16 on the cpu",
    ]
    monkeypatch.setattr(choice, "fastest_first", lambda *_: FP32[:2])
    with pytest.raises(UserError, match="^backend 'onnxruntime' cannot open .*: torn$"):
        open_chosen(str(folder), "auto", Options())


def test_an_unknown_backend(tmp_path):
    with pytest.raises(UserError) as caught:
        open_chosen(str(tmp_path), "tflite", Options())
    assert str(caught.value) == (
        "backend must be one of auto, paddle, onnxruntime, openvino, but got 'tflite'"
    )


@pytest.mark.parametrize(
    "flags, expected",
    [
        ("flags : fpu avx2 avx512_bf16 bmi2\n", True),
        ("flags : fpu amx_bf16\n", True),
        ("flags : fpu avx512f avx512_vnni\n", False),
    ],
)
def test_processors(tmp_path, flags, expected):
    path = tmp_path / "cpuinfo"
    path.write_text(f"processor : 0\n{flags}")
    assert has_bf16(str(path)) is expected
    assert not has_bf16(str(tmp_path / "none"))
