"""One exported model on every backend, and what is wrong with a folder."""

import itertools
import shutil

import cv2
import numpy as np
import paddle
import pytest
import yaml

from ppdet_hourglass import Predictor
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.modeling.peaks import DECODERS
from ppdet_hourglass.predict import export as exporting
from ppdet_hourglass.predict.open_network import open_network

from ..conftest import ROOT
from ..networks import CONFIG
from ..running import run

BACKENDS = ("paddle", "onnxruntime", "openvino")


def test_export_has_the_outputs_of_hrnet(exported):
    """So that PaddleDetection's deploy code takes it."""
    folder, options = exported
    deploy = yaml.safe_load((folder / "infer_cfg.yml").read_text())
    assert deploy["arch"] == "HRNet"
    crop = {"type": "TopDownEvalAffine", "trainsize": [128, 128]}
    assert deploy["Preprocess"][0] == crop
    model = paddle.jit.load(str(folder / "model"))
    model.eval()
    image = paddle.rand([3, 3, 128, 128])
    heatmaps, index = (output.numpy() for output in model(image))
    assert heatmaps.shape == (3, 16, 32, 32)
    network, _ = open_network(CONFIG, overrides=options)
    assert np.abs(heatmaps - network(image.numpy())).max() < 1e-5
    assert (index == heatmaps.reshape(3, 16, -1).argmax(-1)).all()


def test_an_onnx_model_that_differs_is_refused(with_onnx, monkeypatch):
    monkeypatch.setattr(exporting, "_difference", lambda *_: 0.25)
    with pytest.raises(UserError) as error:
        exporting.write_onnx(str(with_onnx))
    message = str(error.value)
    assert message.startswith("not written: ") and "2.5e-01, more than 1e-04" in message


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
    one, three = (
        poses(Predictor.from_exported(exported[0], backend, size)) for size in (1, 3)
    )
    for pose, same in zip(one, three):
        assert np.abs(pose.keypoints - same.keypoints).max() < 0.05
        assert np.abs(pose.scores - same.scores).max() < 1e-5


def test_options_change_the_result(exported):
    found = {
        options: poses(
            Predictor.from_exported(
                exported[0], flip_test=options[0], decoder=options[1]
            )
        )[0].keypoints.tolist()
        for options in itertools.product((True, False), ("quarter", "dark"))
    }
    assert len({str(joints) for joints in found.values()}) == 4


@pytest.fixture
def copy(exported, tmp_path):
    return shutil.copytree(exported[0], tmp_path / "copy")


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
    start = f"{tmp_path}/infer_cfg.yml has no key 'hourglass'"
    assert message(tmp_path).startswith(start)


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
    problem = f"{copy} holds no Paddle model"
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


def test_a_number_of_400_digits(copy):
    """Found by ``make fuzz``."""

    def huge(content):
        content["Preprocess"][1]["mean"][0] = 10**400

    edit(copy, huge)
    assert message(copy) == (
        f"{copy}/infer_cfg.yml is not as the export left it: OverflowError: int too "
        "large to convert to float"
    )


def test_joints_of_another_model(copy):
    shutil.copy(str(ROOT / "configs/keypoints/coco.yml"), str(copy / "keypoints.yml"))
    assert message(copy) == (
        f"the model in {copy} does not fit its infer_cfg.yml: 17 joints, but its "
        "output is (1, 16, 32, 32)"
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
        (
            {"precision": "fp16"},
            "backend 'paddle' on the cpu computes in fp32 or bf16, not fp16",
        ),
        (
            {"decoder": "soft"},
            f"TopDownHourglass.decoder must be one of {', '.join(DECODERS)}, but got "
            "'soft'",
        ),
    ],
)
def test_wrong_options(exported, options, expected):
    assert message(exported[0], **options) == expected


ALONE = """
import sys, time
start = time.perf_counter()
from ppdet_hourglass import Predictor
seconds = time.perf_counter() - start
predictor = Predictor.from_exported(sys.argv[1], "onnxruntime")
(pose,) = predictor(sys.argv[2])
absent = not {"paddle", "ppdet", "scipy", "pycocotools"} & set(sys.modules)
print(absent, seconds, *pose.keypoints.ravel())
"""


@pytest.mark.slow
def test_onnx_alone_predicts_without_paddle(with_onnx, tmp_path, source):
    """An environment with nothing but the wheel and its extra [onnx]."""
    run("-m", "venv", tmp_path / "venv")
    python = str(tmp_path / "venv/bin/python")
    wheel = [f"{source}[onnx]", "-c", ROOT / "constraints.txt"]
    run("-m", "pip", "install", "--quiet", *wheel, python=python)

    path = tmp_path / "picture.png"
    cv2.imwrite(str(path), picture())
    out = run("-c", ALONE, with_onnx, path, cwd=tmp_path, python=python)
    absent, seconds, *joints = out.split()
    assert absent == "True"
    print(f"from ppdet_hourglass import Predictor: {seconds} s")
    assert float(seconds) < 1
    (pose,) = Predictor.from_exported(with_onnx)(path)
    assert np.abs(pose.keypoints.ravel() - np.array(joints, float)).max() < 0.05
