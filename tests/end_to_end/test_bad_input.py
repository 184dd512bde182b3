"""Each bad input: one line that names the culprit, and nothing written."""

import json
import logging

import numpy as np
import paddle
import pytest
from scipy.io import savemat

from ppdet_hourglass.cli import main

from ..conftest import person
from .conftest import arguments

PEOPLE = [person(f"{i}.jpg") for i in range(1, 5)]


@pytest.fixture
def run(config, tmp_path, capsys, monkeypatch):
    """Runs a command that must fail; returns the one line it says."""
    # PaddleDetection's loggers keep the first test's captured stream.
    monkeypatch.setattr(logging, "raiseExceptions", False)

    def run(command, folder, *options, flags=()):
        output = tmp_path / "output"
        before = sorted(output.rglob("*"))
        argv = arguments(folder, output, *options)
        assert main([command, *flags, *argv]) == 1
        errors = capsys.readouterr().err.splitlines()
        lines = [line for line in errors if line.startswith("error: ")]
        assert len(lines) == 1 and "Traceback" not in "".join(errors), errors
        assert sorted(output.rglob("*")) == before
        return lines[0][len("error: ") :]

    return run


def annotations(folder, split="train"):
    return folder / f"annotations/mpii_{split}.json"


def test_missing_data_set_folder(run, tmp_path):
    message = run("train", tmp_path / "nowhere")
    assert message.startswith(
        f"data set folder {tmp_path}/nowhere does not exist. MPII"
    )
    assert "-o dataset_dir=FOLDER" in message


def test_missing_and_unreadable_image(run, dataset):
    folder = dataset(PEOPLE)
    (folder / "images/3.jpg").write_bytes(b"no picture")
    expected = f"{annotations(folder)}: record 2: image {folder}/images/3.jpg cannot be"
    assert run("train", folder).startswith(expected)
    (folder / "images/3.jpg").unlink()
    expected = f"{annotations(folder)}: record 2: image 3.jpg is not in {folder}/images"
    assert run("train", folder).startswith(expected)


def test_unreadable_image_in_a_worker_process(run, dataset):
    folder = dataset(PEOPLE)
    (folder / "images/3.jpg").write_bytes(b"no picture")
    message = run("train", folder, "worker_num=1")
    assert message == (
        f"{annotations(folder)}: record 2: image {folder}/images/3.jpg cannot be read"
    )


def test_a_bad_image_ends_the_process(tool, dataset, tmp_path):
    """Workers and all: Paddle's loader would wait for ever."""
    folder = dataset(PEOPLE)
    (folder / "images/3.jpg").write_bytes(b"no picture")
    argv = arguments(folder, tmp_path / "output", "worker_num=2")
    process = tool("train", *argv, wait=False)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert f"error: {annotations(folder)}: record 2: image " in out
    assert "Traceback" not in out


def test_missing_validation_image_is_found_before_training(run, dataset):
    folder = dataset(PEOPLE, [*PEOPLE, person("9.jpg")])
    (folder / "images/9.jpg").unlink()
    message = run("train", folder, flags=["--eval"])
    assert message.startswith(f"{annotations(folder, 'val')}: record 4: image 9.jpg is")


def test_fewer_people_than_a_batch(run, dataset):
    message = run("train", dataset(PEOPLE), "TrainReader.batch_size=64")
    assert message == (
        "the training set holds 4 people, fewer than TrainReader.batch_size = 64"
    )


@pytest.mark.parametrize(
    "text, problem",
    [
        (json.dumps(PEOPLE)[:-50], "is not valid JSON (cut off?): "),
        (
            "[]",
            "must be a list of person records, at least one, but got a list of 0: []",
        ),
        (
            '{"images": []}',
            "must be a list of person records, at least one, but got {'images': []}",
        ),
    ],
)
def test_wrong_json(run, dataset, text, problem):
    folder = dataset(PEOPLE)
    annotations(folder).write_text(text)
    assert f"{annotations(folder)} {problem}" in run("train", folder)


@pytest.mark.parametrize(
    "changes, problem",
    [
        ({"joints": None}, "neither 'joints' nor 'gt_joints', which training needs"),
        (
            {"joints": [[1, 1]] * 14},
            "'joints' must be 16 x 2 finite numbers (num_joints x 2), but got a list "
            f"of 14: {[[1, 1]] * 14}",
        ),
        (
            {"scale": float("nan")},
            "'scale' must be a finite number above 0, but got nan",
        ),
        ({"scale": 0.0}, "'scale' must be a finite number above 0, but got 0.0"),
        ({"scale": -2}, "'scale' must be a finite number above 0, but got -2"),
    ],
)
def test_wrong_record(run, dataset, changes, problem):
    folder = dataset([*PEOPLE, person("5.jpg", **changes)])
    message = run("train", folder)
    assert message == f"{annotations(folder)}: record 4 (image 5.jpg): {problem}"


def test_no_ground_truth_is_found_before_training(run, dataset):
    folder = dataset(PEOPLE, [person(head_box=None)])
    message = run("train", folder, flags=["--eval"])
    assert message.startswith(f"no ground truth for {annotations(folder, 'val')}: put ")


def test_ground_truth_of_another_length(run, dataset):
    folder = dataset(PEOPLE)
    truth = folder / "annotations/mpii_gt_val.mat"
    savemat(
        str(truth),
        {
            "pos_gt_src": np.ones((16, 2, 3)),
            "jnt_missing": np.zeros((16, 3)),
            "headboxes_src": np.array([[[1] * 3] * 2, [[9] * 3] * 2]),
        },
    )
    for command, flags in (("train", ["--eval"]), ("eval", [])):
        assert run(command, folder, flags=flags) == (
            f"{truth} describes 3 people, but {annotations(folder, 'val')} 4: "
            "they do not belong together"
        )


def test_weights(run, dataset, tmp_path):
    folder = dataset(PEOPLE)
    path = tmp_path / "other.pdparams"
    for command, key in (("eval", "weights"), ("train", "pretrain_weights")):
        message = run(command, folder, f"{key}={tmp_path}/none")
        assert message.startswith(
            f"weights {tmp_path}/none.pdparams ({key}) do not exist"
        )
        paddle.save({"fc.weight": paddle.zeros([3, 3])}, str(path))
        message = run(command, folder, f"{key}={path}")
        assert message == f"weights {path} ({key}) fit no layer of the network"
        path.write_bytes(b"torn")
        message = run(command, folder, f"{key}={path}")
        assert message.startswith(f"weights {path} ({key}) cannot be read: ")


def test_weights_that_fit_in_part_do_for_training_only(run, dataset, tmp_path):
    folder = dataset(PEOPLE)
    path = tmp_path / "head.pdparams"
    paddle.save({"head.convs.0.bias": paddle.zeros([16])}, str(path))
    message = run("eval", folder, f"weights={path}")
    assert message.startswith(f"weights {path} (weights) leave ")
    assert message.endswith("trained with another config?")
    argv = arguments(folder, tmp_path / "trained", f"pretrain_weights={path}")
    assert main(["train", *argv]) == 0


def test_resuming_needs_the_optimiser(run, dataset, tmp_path):
    folder = dataset(PEOPLE)
    assert main(["train", *arguments(folder, tmp_path / "first")]) == 0
    snapshot = tmp_path / "first/hourglass_sample/model_final"
    snapshot.with_suffix(".pdopt").unlink()
    message = run("train", folder, flags=["-r", str(snapshot)])
    assert message == (
        f"-r {snapshot}: model_final.pdopt is missing; to start from weights alone use "
        "-o pretrain_weights=FILE"
    )
    snapshot.with_suffix(".json").unlink()  # as of the stock trainer
    message = run("train", folder, flags=["-r", str(snapshot)])
    assert message.startswith(f"{snapshot}.pdopt does not exist: resuming (-r) needs")
    snapshot.with_suffix(".pdopt").write_bytes(b"torn")
    message = run("train", folder, flags=["-r", str(snapshot)])
    assert message.startswith(f"weights {snapshot}.pdopt (-r) cannot be read: ")


def test_indivisible_input_size(run, dataset):
    message = run("train", dataset(PEOPLE), "HourglassNet.downsample_times=6")
    assert message.startswith("HourglassNet.stage_channels must list 7")
    seven = "[8,8,8,8,8,8,8]"
    message = run(
        "train",
        dataset(PEOPLE),
        "HourglassNet.downsample_times=6",
        f"HourglassNet.stage_channels={seven}",
        f"HourglassNet.stage_blocks={seven.replace('8', '1')}",
    )
    assert message.startswith(
        "input size 128x128 (width x height) is not divisible by 256 = 4 * 2 ** 6"
    )


def test_unknown_names(run, dataset):
    folder = dataset(PEOPLE)
    message = run("train", folder, "metric=PCKH")
    assert message.startswith("config key 'metric': unknown metric 'PCKH'; known: ")
    message = run("train", folder, "PCKh.best=Nose", flags=["--eval"])
    assert message.startswith("PCKh.best must be one of Head, Shoulder, ")
    message = run("train", folder, "TopDownHourglass.decoder=x")
    assert message.startswith("TopDownHourglass.decoder must be one of quarter, dark")
