"""One exported model on every backend, and what is wrong with a folder."""

import itertools
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest
import yaml

from ppdet_hourglass import Predictor
from ppdet_hourglass.errors import UserError

from ..conftest import ROOT
from .conftest import arguments

BACKENDS = ("paddle", "onnxruntime", "openvino")

#: Weights as drawn, but for a bias that keeps heatmaps above zero: DARK takes their
#: logarithm, and cuts it off below zero.
WEIGHTS = """
import sys
from ppdet_hourglass import plugin  # first: it imports cv2 before Paddle
import paddle
from ppdet_hourglass.cli import parse
from ppdet_hourglass.compat.config import load
from ppdet.engine import Trainer

paddle.seed(1)
args = parse(["export", *sys.argv[2:]])
model = Trainer(load(args.config, args.opt, args), mode="test").model
for conv in model.head.convs:
    conv.bias.set_value(conv.bias + 1)
paddle.save(model.state_dict(), sys.argv[1])
"""


def run(*argv):
    done = subprocess.run(
        [sys.executable, *map(str, argv)],
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def needs_paddle2onnx():
    paddle = pytest.importorskip("paddle", reason="exports with Paddle")
    if paddle.__version__.startswith("2."):
        pytest.skip("paddle2onnx needs Paddle 3")
    reason = "needs paddle2onnx and onnxruntime: pip install -e '.[deploy]'"
    pytest.importorskip("paddle2onnx", reason=reason)
    pytest.importorskip("onnxruntime", reason=reason)


@pytest.fixture(scope="module", params=[1, 2])
def exported(request, tmp_path_factory):
    """Folder that tools/export_model.py wrote, of a network with 1 or 2 stacks."""
    folder = tmp_path_factory.mktemp("exported")
    weights = folder / "weights.pdparams"
    more = [f"HourglassNet.num_stacks={request.param}", f"weights={weights}"]
    argv = arguments("none", folder, *more, "use_gpu=False")
    run("-c", WEIGHTS, weights, *argv)
    run("tools/export_model.py", f"--output_dir={folder}", *argv)
    return folder / "hourglass_sample"


@pytest.fixture(scope="module")
def with_onnx(exported):
    """The same, with ``model.onnx``."""
    needs_paddle2onnx()
    log = run("-m", "ppdet_hourglass", "onnx", exported)
    assert "heatmaps equal Paddle's to " in log
    return exported


def picture(seed=0):
    noise = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), np.uint8)
    return cv2.resize(noise, (240, 180), interpolation=cv2.INTER_CUBIC)


BOXES = [[20, 10, 60, 100], [100, 50, 90, 90, 0.5], [-10, -10, 100, 100]]
BOXES = [(row + [1.0])[:5] for row in BOXES]


def poses(predictor):
    people = predictor([picture(0), picture(1)], [BOXES, None])
    return [pose for row in people for pose in row]


@pytest.mark.parametrize("backend", BACKENDS[1:])
def test_backends_agree(with_onnx, backend):
    pytest.importorskip(backend, reason="pip install -e '.[deploy]'")
    for flip_test in (True, False):
        peaks = poses(
            Predictor.from_exported(
                with_onnx, "paddle", flip_test=flip_test, decoder="quarter"
            )
        )
        for decoder in ("quarter", "dark"):
            options = {"flip_test": flip_test, "decoder": decoder}
            expected = poses(Predictor.from_exported(with_onnx, "paddle", **options))
            actual = poses(Predictor.from_exported(with_onnx, backend, **options))
            assert len(expected) == len(actual) == 4
            for peak, one, other in zip(peaks, expected, actual):
                near = fitted(peak, one) if decoder == "dark" else np.ones(16, bool)
                assert near.mean() > 0.5
                difference = np.abs(one.keypoints - other.keypoints)
                assert difference[near].max() < 0.05
                assert np.abs(one.scores - other.scores).max() < 1e-4
                assert one.score == pytest.approx(other.score, abs=1e-4)


def fitted(peak, pose):
    """Joints where DARK fits a peak: it moves them by less than a heatmap pixel.

    The untrained network's maps also have plateaus, where DARK divides by next to
    nothing and throws the joint out of the picture, differently with every rounding.
    """
    step = 1.25 * pose.box[2:].max() / 32
    return np.abs(pose.keypoints - peak.keypoints).max(axis=1) < step


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_batch_changes_nothing(request, exported, backend):
    if backend != "paddle":
        pytest.importorskip(backend, reason="pip install -e '.[deploy]'")
        request.getfixturevalue("with_onnx")
    one = poses(Predictor.from_exported(exported, backend, 1, decoder="quarter"))
    three = poses(Predictor.from_exported(exported, backend, 3, decoder="quarter"))
    for pose, same in zip(one, three):
        assert np.abs(pose.keypoints - same.keypoints).max() < 0.05
        assert np.abs(pose.scores - same.scores).max() < 1e-5


def test_options_change_the_result(exported):
    found = {
        options: poses(
            Predictor.from_exported(exported, flip_test=options[0], decoder=options[1])
        )[0].keypoints.tolist()
        for options in itertools.product((True, False), ("quarter", "dark"))
    }
    assert len({str(joints) for joints in found.values()}) == 4


@pytest.fixture
def copy(exported, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(str(exported), str(folder))
    return folder


def message(folder, *args, **options):
    with pytest.raises(UserError) as error:
        Predictor.from_exported(folder, *args, **options)
    text = str(error.value)
    assert "\n" not in text
    return text


def edit(folder, change):
    path = folder / "infer_cfg.yml"
    content = yaml.safe_load(path.read_text())
    change(content)
    path.write_text(yaml.safe_dump(content))


def test_folders_that_are_no_export(tmp_path):
    assert message(tmp_path / "none") == (
        f"folder of the exported model {tmp_path}/none does not exist"
    )
    assert message(tmp_path) == (
        f"{tmp_path} holds no exported model: there is no infer_cfg.yml"
    )
    (tmp_path / "infer_cfg.yml").write_text("arch: HRNet\n")
    assert message(tmp_path) == (
        f"{tmp_path}/infer_cfg.yml has no key 'hourglass': the model was not exported "
        "by ppdet_hourglass"
    )


def test_models_that_are_missing_or_torn(copy):
    if (copy / "model.onnx").exists():
        (copy / "model.onnx").unlink()
    pytest.importorskip("onnxruntime", reason="pip install -e '.[deploy]'")
    assert message(copy, "onnxruntime") == (
        f"{copy}/model.onnx does not exist: python -m ppdet_hourglass onnx {copy} "
        "writes it"
    )
    (copy / "model.onnx").write_bytes(b"torn")
    assert message(copy, "onnxruntime").startswith(
        f"backend 'onnxruntime' cannot open {copy}: "
    )
    (copy / "model.pdiparams").unlink()
    problem = f"{copy} holds no Paddle model: model.json or "
    assert message(copy, "paddle").startswith(problem)
    (copy / "model.onnx").unlink()
    assert message(copy).startswith(problem)


def test_a_description_of_another_model(copy):
    def smaller(content):
        content["Preprocess"][0]["trainsize"] = [64, 64]

    edit(copy, smaller)
    where = f"the model in {copy} does not fit its infer_cfg.yml: "
    assert message(copy).startswith(f"{where}on 64x64 pixels: ")
    edit(copy, lambda content: content["Preprocess"].pop(0))
    assert message(copy).startswith(f"{copy}/infer_cfg.yml is not as the export left")


def test_joints_of_another_model(copy):
    shutil.copy(str(ROOT / "configs/keypoints/coco.yml"), str(copy / "keypoints.yml"))
    assert message(copy) == (
        f"the model in {copy} does not fit its infer_cfg.yml: 17 joints, but its "
        "output has the shape (1, 16, 32, 32)"
    )
    (copy / "keypoints.yml").unlink()
    assert message(copy) == (
        f"{copy}/keypoints.yml, named by {copy}/infer_cfg.yml, does not exist"
    )


@pytest.mark.parametrize(
    "options, expected",
    [
        (
            {"backend": "tflite"},
            "backend must be one of auto, paddle, onnxruntime, openvino, but got "
            "'tflite'",
        ),
        ({"device": "tpu"}, "device must be one of cpu, gpu, but got 'tpu'"),
        ({"threads": 0}, "threads must be at least 1, but got 0"),
        ({"tensorrt": True}, "tensorrt needs device='gpu'"),
        (
            {"precision": "fp16"},
            "backend 'paddle' on the cpu computes in fp32 or bf16, not fp16",
        ),
        (
            {"decoder": "soft"},
            "TopDownHourglass.decoder must be one of quarter, dark, but got 'soft'",
        ),
    ],
)
def test_wrong_options(exported, options, expected):
    assert message(exported, **options) == expected


def test_a_backend_that_is_not_installed(exported, monkeypatch):
    name = "ppdet_hourglass.predict.backends.openvino_runtime"
    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert message(exported, "openvino") == (
        "backend 'openvino' needs openvino, which is not installed: pip install "
        "openvino"
    )


ALONE = """
import sys, time
start = time.perf_counter()
from ppdet_hourglass import Predictor
seconds = time.perf_counter() - start
predictor = Predictor.from_exported(sys.argv[1], "onnxruntime", decoder="quarter")
(pose,) = predictor(sys.argv[2])
absent = not {"paddle", "ppdet", "scipy", "pycocotools"} & set(sys.modules)
print(absent, seconds, *pose.keypoints.ravel())
"""


@pytest.mark.slow
def test_onnx_alone_predicts_without_paddle(with_onnx, tmp_path, source):
    """An environment with nothing but the wheel and its extra [onnx]."""
    run("-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv/bin/python"
    pip = [str(python), "-m", "pip", "install", "--quiet", f"{source}[onnx]"]
    subprocess.run([*pip, "-c", str(ROOT / "constraints.txt")], check=True)

    path = tmp_path / "picture.png"
    cv2.imwrite(str(path), picture())
    done = subprocess.run(
        [str(python), "-c", ALONE, str(with_onnx), str(path)],
        cwd=str(tmp_path),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    absent, seconds, *joints = done.stdout.split()
    assert absent == "True"
    print(f"from ppdet_hourglass import Predictor: {seconds} s")
    assert float(seconds) < 1
    (pose,) = Predictor.from_exported(with_onnx, decoder="quarter")(path)
    assert np.abs(pose.keypoints.ravel() - np.array(joints, float)).max() < 0.05
