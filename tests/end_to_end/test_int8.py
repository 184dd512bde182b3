"""``export --int8`` on the tiny network and a dozen drawn people."""

import logging
import re
import subprocess
import sys

import numpy as np
import pytest

from ppdet_hourglass import Predictor
from ppdet_hourglass.cli import main
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.predict import export as exporting
from ppdet_hourglass.predict.export_folder import read_moved, record_moved

from ..running import command

#: Runs the command with another limit of the joints' movement, in pixels.
EXPORT = """
import sys
from ppdet_hourglass.cli import main, runner
runner.set_up_process(threads=1)
runner.show_log()
from ppdet_hourglass.predict import precision
precision.MAX_MOVED_PX = float(sys.argv[1])
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture
def export(model, sample_people, tmp_path):
    """Exports with --int8; returns the folder, its lines of the log and the errors."""
    paddle = pytest.importorskip("paddle")
    if paddle.__version__.startswith("2."):
        pytest.skip("paddle2onnx needs Paddle 3")
    for package in ("nncf", "openvino", "paddle2onnx"):
        pytest.importorskip(package, reason="pip install -e '.[int8,export]'")

    def run(*flags, dataset=sample_people, limit=0.5):
        argv = ["export", *model, f"dataset_dir={dataset}", f"--output_dir={tmp_path}"]
        boxes = sample_people / "annotations/mpii_train.json"
        pictures = ["--int8", sample_people / "images", "--boxes", boxes]
        # In a process of its own: a second quantisation in one process crashed.
        words = [sys.executable, "-c", EXPORT, limit, *argv, *pictures, *flags]
        done = subprocess.run(list(map(str, words)), capture_output=True, text=True)
        lines = done.stderr.splitlines()
        errors = [line for line in lines if line.startswith("error: ")]
        assert done.returncode == len(errors), done.stderr[-3000:]
        own = [line for line in lines if re.match("int8 moves|PCKh|wrote", line)]
        return tmp_path / "hourglass_sample", own, errors

    return run


def test_an_int8_model_is_measured_kept_and_chosen(export, sample_people, caplog):
    folder, lines, errors = export("--max_loss", 100)
    caplog.set_level(logging.INFO)
    assert not errors
    number = r"\d+\.\d+"
    truth = sample_people / "annotations/mpii_gt_val.mat"
    patterns = (
        f"int8 moves the joints of 4 people by {number} px on average",
        f"PCKh Mean {number} in fp32, {number} in int8, of 4 people of {truth}",
        f"wrote {folder}/model_int8.xml",
    )
    assert len(lines) == len(patterns) + 1  # model.onnx is written first
    for line, pattern in zip(lines[1:], patterns):
        assert re.fullmatch(pattern, line), line
    assert {"model.onnx", "model_int8.xml", "model_int8.bin"} <= {
        path.name for path in folder.iterdir()
    }
    picture = sorted((sample_people / "images").iterdir())[0]
    asked = Predictor.from_exported(folder, precision="int8", decoder="quarter")
    assert caplog.messages[-1] == "backend: openvino in int8 on the cpu"
    chosen = Predictor.from_exported(folder, decoder="quarter")
    assert caplog.messages[-1] == "backend: openvino in int8 on the cpu"
    plain = Predictor.from_exported(folder, "openvino", decoder="quarter")
    (a,), (b,), (c,) = asked(picture), chosen(picture), plain(picture)
    assert (a.keypoints == b.keypoints).all() and (a.scores == b.scores).all()
    assert 0 < np.abs(a.scores - c.scores).max() < 0.1
    with pytest.raises(UserError) as caught:
        Predictor.from_exported(folder, "onnxruntime", precision="int8")
    assert str(caught.value) == (
        "backend 'onnxruntime' on the cpu computes in fp32, not int8"
    )


def test_a_model_that_loses_too_much_is_not_kept(export):
    folder, _, (error,) = export("--max_loss", -200)
    assert re.fullmatch(
        r"error: int8 loses -?\d+\.\d\d points, more than -200 \(PCKh Mean "
        r"\d+\.\d\d in fp32, \d+\.\d\d in int8\): not kept",
        error,
    )
    names = {path.name for path in folder.iterdir()}
    assert "model.onnx" in names and not {n for n in names if "int8" in n or "tmp" in n}
    with pytest.raises(UserError) as caught:
        Predictor.from_exported(folder, precision="int8")
    assert str(caught.value) == (
        f"{folder}/model_int8.xml does not exist: python -m ppdet_hourglass export "
        "--int8 writes it"
    )


def test_without_ground_truth_the_movement_counts(export):
    _, _, (error,) = export(dataset="nowhere", limit=-1)
    assert re.fullmatch(
        r"error: int8 moves the joints by \d+\.\d\d px, more than -1\.0, and there is "
        "no EvalDataset to measure PCKh on: not kept",
        error,
    )


def test_a_new_export_removes_what_was_converted_from_the_last(
    export, model, tmp_path, monkeypatch
):
    monkeypatch.setattr(exporting, "has_bf16", lambda: False)  # which it would measure
    folder, _, _ = export("--max_loss", 100)
    record_moved(str(folder), {"bf16": {"paddle": 0.25}})
    assert read_moved(str(folder)) == {"bf16": {"paddle": 0.25}}
    command("export", *model, f"--output_dir={tmp_path}")
    names = {path.name for path in folder.iterdir()}
    assert not names & {"model.onnx", "model_int8.xml", "model_int8.bin"}
    assert read_moved(str(folder)) == {}


def test_boxes_without_pictures(model, capsys):
    assert main(["export", *model, "--boxes", "boxes.json"]) == 1
    assert "error: --boxes needs --int8" in capsys.readouterr().err
