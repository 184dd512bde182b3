"""Training, evaluation, snapshots and resuming, by the command lines."""

import csv
import json
import re
import shutil
import signal
import sys

import cv2
import numpy as np
import paddle
import pytest

from ppdet_hourglass.cli import main
from ppdet_hourglass.compat.config import config_scope
from ppdet_hourglass.metrics.pck import GroundTruth, pck
from ppdet_hourglass.training import snapshot

from ..running import command
from .conftest import arguments

FIGURES = re.compile(r"\[EVAL\] .*")


def test_best_model_reproduces_the_logged_figures(trained, sample_people, tmp_path):
    folder, log = trained
    assert "8 images" in log and "running on the CPU" in log
    logged = FIGURES.findall(log)
    assert len(logged) == 3
    means = [float(re.search(r" Mean=([\d.]+)", line).group(1)) for line in logged]
    best = len(means) - 1 - means[::-1].index(max(means))  # the last of equals

    argv = arguments(sample_people, tmp_path, f"weights={folder}/best_model")
    log = command("eval", *argv)
    assert FIGURES.findall(log) == [logged[best]]
    assert "|    Head | Shoulder |" in log

    results = tmp_path / "hourglass_sample/keypoints_results.json"
    rows = json.loads(results.read_text())
    truth = GroundTruth.from_mat(str(sample_people / "annotations/mpii_gt_val.mat"))
    assert len(rows) == len(truth)  # everybody, not three a batch
    joints = np.array([r["keypoints"] for r in rows]).reshape(-1, 16, 3)
    assert pck(joints[..., :2], truth).line() == logged[best]

    flags = ["--save_prediction_only", "--output_eval", tmp_path / "x"]
    assert not FIGURES.findall(command("eval", *flags, *argv))
    assert json.loads((tmp_path / "x/keypoints_results.json").read_text()) == rows


def test_a_training_records_itself(trained, sample_people, tmp_path):
    folder, log = trained
    assert "is not written" not in log
    with open(folder / "results.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["epoch"], row["step"]) for row in rows] == [
        ("0", "4"),
        ("1", "8"),
        ("2", "12"),
    ]
    for row, line in zip(rows, FIGURES.findall(log)):
        figures = re.findall(r"(\S+)=(\S+)", line)
        assert len(figures) == 10 and all(row[name] == text for name, text in figures)
        assert 0 < float(row["loss"]) < 1 and float(row["memory_mb"]) > 50
    rates = re.findall(r"\[3/4\] learning_rate: ([\d.]+)", log)
    assert [format(float(row["learning_rate"]), ".6f") for row in rows] == rates
    seconds = [float(row["seconds"]) for row in rows]
    assert 0 < seconds[0] < seconds[1] < seconds[2]
    for name in ("results.png", "train_batch.jpg", "val_worst.jpg"):
        assert cv2.imread(str(folder / name)) is not None
    versions = json.loads((folder / "versions.json").read_text())
    assert versions["paddle"] == paddle.__version__

    # The config as used trains again, with the same data, network and seed.
    options = ["-o", f"save_dir={tmp_path}", "epoch=1"]
    again = command("train", "--eval", "-c", folder / "config.yml", *options)
    losses = [re.findall(r"loss: ([\d.]+)", text)[0] for text in (log, again)]
    assert losses[0] == losses[1]


def test_a_killed_training_resumes(start, sample_people, tmp_path):
    argv = arguments(sample_people, tmp_path / "out", "epoch=4")
    process = start("train", *argv)
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Epoch: [2] [1/" in line:  # in the middle of the third epoch
            process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "".join(lines)
    folder = tmp_path / "out/hourglass_sample"
    assert not (folder / "model_final.pdparams").exists()
    assert not (folder / "2.pdparams").exists()

    log = command("train", *argv, "-r", folder / "1")
    epochs = sorted(set(re.findall(r"Epoch: \[(\d+)\]", log)))
    assert epochs == ["2", "3"]
    assert (folder / "model_final.pdparams").exists()


#: Paddle takes a minute to trace the static graph, once to train and once to evaluate.
STATIC = pytest.param("--to_static", marks=pytest.mark.slow)


@pytest.mark.parametrize("flag", [STATIC, "--amp", "--fleet"])
def test_ways_to_train(sample_people, tmp_path, flag):
    log = command("train", flag, "--eval", *arguments(sample_people, tmp_path))
    losses = re.findall(r"loss: ([\d.]+)", log)
    assert len(losses) == 4 and all(float(loss) > 0 for loss in losses)
    assert len(FIGURES.findall(log)) == 1


def test_the_network_of_the_paper(sample_people, tmp_path):
    options = ["StackedHourglass.num_stacks=2", "StackedHourglass.channels=16"]
    options += ["StackedHourglass.downsample_times=3", "trainsize=[64,64]"]
    argv = arguments(sample_people, tmp_path, *options, config="hourglass2_mpii_256")
    (logged,) = FIGURES.findall(command("train", "--eval", *argv))
    best = tmp_path / "hourglass2_mpii_256/best_model"
    assert FIGURES.findall(command("eval", *argv, f"weights={best}")) == [logged]


def test_a_resumed_training_keeps_a_better_best_model(trained, sample_people, tmp_path):
    folder = shutil.copytree(trained[0], tmp_path / "hourglass_sample")
    snapshot.annotate(str(folder), "best_model", figure=99.5, epoch=0)
    before = (folder / "best_model.pdparams").read_bytes()
    argv = arguments(sample_people, tmp_path, "epoch=3")
    kept = (folder / "results.csv").read_text().splitlines()[:3]
    log = command("train", "--eval", *argv, "-r", folder / "1")
    assert (folder / "results.csv").read_text().splitlines()[:3] == kept
    assert len((folder / "results.csv").read_text().splitlines()) == 4
    assert "best model so far: 99.5, epoch 0" in log
    assert "best PCKh Mean so far: 99.5, epoch 0" in log
    assert "Best test" not in log
    assert (folder / "best_model.pdparams").read_bytes() == before


def test_visualdl_has_the_tables_names(sample_people, tmp_path):
    pytest.importorskip("visualdl", reason="needs VisualDL: pip install visualdl")
    flags = ["--eval", "--use_vdl", "true", "--vdl_log_dir", tmp_path / "vdl"]
    options = ["HourglassNet.num_stacks=2", "log_iter=2", "epoch=2"]
    argv = [*flags, *arguments(sample_people, tmp_path, *options)]
    log = command("train", *argv)
    (folder,) = (tmp_path / "vdl").iterdir()
    assert re.fullmatch("hourglass_sample-[0-9a-f]{8}", folder.name)
    assert str(folder) in log and f"visualdl --logdir {tmp_path}/vdl" in log
    with open(tmp_path / "hourglass_sample/results.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    scalars = read_scalars(folder)
    assert {*scalars, "epoch", "step"} == {name for name in rows[0] if rows[0][name]}
    assert [step for step, _ in scalars["acc_pose"]] == [1, 3, 4, 5, 7, 8]
    weights = [1, 2, 1]  # steps in each interval of an epoch of four
    for name in ("loss", "loss_stack1", "loss_stack2", "acc_pose"):
        values = np.array([value for _, value in scalars[name]]).reshape(2, 3)
        means = [float(row[name]) for row in rows]
        expected = np.average(values, axis=1, weights=weights)
        assert means == pytest.approx(expected, rel=1e-4, abs=1e-4)
    rates = dict(scalars["learning_rate"])
    for row in rows:
        rate = float(row["learning_rate"])
        assert rates[int(row["step"])] == pytest.approx(rate, rel=1e-4) and rate > 0
    for name in ("Mean", "Mean@0.1", "Wrist", "memory_mb"):
        expected = [(int(row["step"]), float(row[name])) for row in rows]
        assert scalars[name] == [(s, pytest.approx(v)) for s, v in expected]
    command("train", *argv, "epoch=3", "-r", "auto")
    assert list((tmp_path / "vdl").iterdir()) == [folder]


def read_scalars(folder):
    """Steps and values by name, of the one record file in a folder."""
    from visualdl import LogReader

    (path,) = folder.glob("vdlrecords.*.log")
    reader = LogReader(file_path=str(path))
    return {
        name: [(item.id, item.value) for item in reader.get_data("scalar", name)]
        for name in reader.get_tags()["scalar"]
    }


def test_visualdl_may_be_missing(sample_people, tmp_path, monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "visualdl", None)
    argv = ["--use_vdl", "true", *arguments(sample_people, tmp_path)]
    with config_scope():
        assert main(["train", *argv]) == 1
    assert capfd.readouterr().err.splitlines()[-1] == (
        "error: visualdl is not installed: pip install visualdl"
    )
