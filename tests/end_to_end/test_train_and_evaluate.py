"""Training, evaluation, snapshots and resuming, by the command lines."""

import json
import re
import signal

import numpy as np
import pytest

from ppdet_hourglass.metrics.pck import GroundTruth, pck

from .conftest import arguments

FIGURES = re.compile(r"\[EVAL\] .*")


def test_best_model_reproduces_the_logged_figures(tool, sample_people, tmp_path):
    options = ["epoch=3", "LearningRate.base_lr=0.003"]
    argv = arguments(sample_people, tmp_path / "out", *options)
    log = tool("train", "--eval", *argv)
    assert "8 images" in log and "no GPU that this Paddle can use" in log
    logged = FIGURES.findall(log)
    assert len(logged) == 3
    folder = tmp_path / "out/hourglass_sample"
    means = [float(re.search(r" Mean=([\d.]+)", line).group(1)) for line in logged]
    best = len(means) - 1 - means[::-1].index(max(means))  # the last of equals

    weights = f"weights={folder}/best_model"
    log = tool("eval", *argv, weights)
    assert FIGURES.findall(log) == [logged[best]]
    assert "|    Head | Shoulder |" in log

    rows = json.loads((folder / "keypoints_results.json").read_text())
    truth = GroundTruth.from_mat(str(sample_people / "annotations/mpii_gt_val.mat"))
    assert len(rows) == len(truth)  # everybody, not three a batch
    joints = np.array([r["keypoints"] for r in rows]).reshape(-1, 16, 3)
    assert pck(joints[..., :2], truth).line() == logged[best]

    tool(
        "eval",
        "--save_prediction_only",
        "--output_eval",
        tmp_path / "x",
        *argv,
        weights,
    )
    assert json.loads((tmp_path / "x/keypoints_results.json").read_text()) == rows


def test_a_killed_training_resumes(tool, sample_people, tmp_path):
    argv = arguments(sample_people, tmp_path / "out", "epoch=4")
    process = tool("train", *argv, wait=False)
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Epoch: [2] [1/" in line:  # in the middle of the third epoch
            process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "".join(lines)
    folder = tmp_path / "out/hourglass_sample"
    assert not (folder / "model_final.pdparams").exists()
    assert not (folder / "2.pdparams").exists()

    log = tool("train", *argv, "-r", folder / "1")
    epochs = sorted(set(re.findall(r"Epoch: \[(\d+)\]", log)))
    assert epochs == ["2", "3"]
    assert (folder / "model_final.pdparams").exists()


@pytest.mark.parametrize("flag", ["--to_static", "--amp", "--fleet"])
def test_ways_to_train(tool, sample_people, tmp_path, flag):
    argv = arguments(sample_people, tmp_path / "out", "epoch=2")
    log = tool("train", flag, "--eval", *argv)
    losses = re.findall(r"loss: ([\d.]+)", log)
    assert len(losses) >= 8 and all(float(loss) > 0 for loss in losses)
    assert len(FIGURES.findall(log)) == 2


def test_the_network_of_the_paper(tool, sample_people, tmp_path):
    options = ["StackedHourglass.num_stacks=2", "StackedHourglass.channels=16"]
    options += ["StackedHourglass.downsample_times=3"]
    argv = arguments(
        sample_people, tmp_path / "out", *options, config="hourglass2_mpii_256"
    )
    log = tool("train", "--eval", *argv)
    (logged,) = FIGURES.findall(log)
    best = tmp_path / "out/hourglass2_mpii_256/best_model"
    assert FIGURES.findall(tool("eval", *argv, f"weights={best}")) == [logged]


def test_a_resumed_training_keeps_a_better_best_model(tool, sample_people, tmp_path):
    argv = arguments(sample_people, tmp_path / "out", "epoch=2")
    tool("train", "--eval", *argv)
    folder = tmp_path / "out/hourglass_sample"
    record = json.loads((folder / "best_model.json").read_text())
    better = json.dumps({**record, "figure": 99.5, "epoch": 0})
    (folder / "best_model.json").write_text(better)
    before = (folder / "best_model.pdparams").read_bytes()
    longer = arguments(sample_people, tmp_path / "out", "epoch=3")
    log = tool("train", "--eval", *longer, "-r", folder / "0")
    assert "best model so far: 99.5, epoch 0" in log
    assert "best PCKh Mean so far: 99.5, epoch 0" in log
    assert "Best test" not in log
    assert (folder / "best_model.pdparams").read_bytes() == before


def test_visualdl_writes_its_record(tool, sample_people, tmp_path):
    pytest.importorskip("visualdl")
    argv = arguments(sample_people, tmp_path / "out")
    tool(
        "train",
        "--eval",
        *argv,
        "--use_vdl",
        "true",
        "--vdl_log_dir",
        tmp_path / "vdl",
    )
    (record,) = (tmp_path / "vdl").glob("*.log")
    # VisualDL writes from a thread of its own, which may lose the last figures.
    assert b"loss" in record.read_bytes()


def test_help_is_quick_and_complete(tool):
    for name, flag in (("train", "--to_static"), ("eval", "--output_eval")):
        out = tool(name, "--help")
        assert flag in out and "--save_prediction_only" in out
