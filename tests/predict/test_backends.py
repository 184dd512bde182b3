"""The one opener, on models with several inputs."""

import sys

import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.predict import backends
from ppdet_hourglass.predict.backends import BACKENDS, Options, open_session

from .detectors import DETECTIONS, onnx_detector, paddle_detector

SIZE = np.float32([96, 64, 96, 64])


@pytest.mark.parametrize("backend", BACKENDS)
def test_arrays_by_name_in_and_outputs_in_order(tmp_path, backend):
    if backend == "paddle":
        folder, names = paddle_detector(tmp_path), {"im_shape"}
    else:
        pytest.importorskip("onnx")
        pytest.importorskip(backend, reason="pip install -e '.[deploy]'")
        folder, names = onnx_detector(tmp_path), set()
    session = open_session(str(folder), backend, Options(threads=1, onednn=False))
    assert set(session.input_names) == {"image", "scale_factor"} | names
    arrays = {
        "image": np.zeros((1, 3, 64, 96), np.float32),
        "im_shape": np.float32([[64, 96]]),
        "scale_factor": np.float32([[1, 1]]),
    }
    for scale in (1, 2):
        arrays["scale_factor"] = np.float32([[scale, scale]])
        boxes, *others = session.run({k: arrays[k] for k in session.input_names})
        assert len(others) == 1
        assert boxes[:, :2] == pytest.approx(DETECTIONS[:, :2])
        assert boxes[:, 2:] * scale == pytest.approx(DETECTIONS[:, 2:] * SIZE)


def message(path, backend, **options):
    with pytest.raises(UserError) as caught:
        open_session(str(path), backend, Options(**options))
    return str(caught.value)


@pytest.mark.parametrize(
    "backend, module, package",
    [
        ("paddle", "paddle", "paddlepaddle"),
        ("onnxruntime", "onnxruntime", "onnxruntime"),
        ("openvino", "openvino", "openvino"),
    ],
)
def test_a_package_that_is_not_installed(
    tmp_path, monkeypatch, backend, module, package
):
    backends.openvino_core.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    assert message(tmp_path, backend) == (
        f"backend {backend!r} needs {module}, which is not installed: pip install "
        f"{package}"
    )


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_what_a_backend_cannot_do(tmp_path, backend):
    pytest.importorskip(backend, reason="pip install -e '.[deploy]'")
    assert message(tmp_path, backend, precision="fp16").startswith(
        f"backend {backend!r} on the cpu computes in fp32"
    )
    assert message(tmp_path / "a.onnx", backend) == f"{tmp_path}/a.onnx does not exist"


def test_a_gpu_that_is_not_there(tmp_path):
    paddle = pytest.importorskip("paddle")
    if paddle.is_compiled_with_cuda():
        pytest.skip("this Paddle may find a GPU")
    for name in ("model.pdmodel", "model.pdiparams"):
        (tmp_path / name).write_bytes(b"")
    assert message(tmp_path, "paddle", device="gpu") == (
        "device='gpu': this Paddle finds no GPU"
    )
