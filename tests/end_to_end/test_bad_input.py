"""Bad input ends a command with one line that names it, and writes nothing."""

import logging
import shutil

import paddle
import pytest

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


def test_a_bad_image_ends_the_process(start, dataset, tmp_path):
    """Workers and all: Paddle's loader would wait for ever."""
    folder = dataset(PEOPLE)
    (folder / "images/3.jpg").write_bytes(b"no picture")
    process = start("train", *arguments(folder, tmp_path / "output", "worker_num=2"))
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 1 and "Traceback" not in out
    (error,) = [line for line in out.splitlines() if line.startswith("error: ")]
    assert f"{annotations(folder)}: record 2" in error
    assert error.endswith(f"image {folder}/images/3.jpg cannot be read")


def test_people_to_train_on(run, dataset):
    """The rooms below test their messages; here, that training does not begin."""
    folder = dataset([*PEOPLE, person("5.jpg", scale=0.0)])
    assert run("train", folder) == (
        f"{annotations(folder)}: record 4 (image 5.jpg): 'scale' must be a finite "
        "number above 0, but got 0.0"
    )
    assert run("train", dataset(PEOPLE), "TrainReader.batch_size=64") == (
        "the training set holds 4 people, fewer than TrainReader.batch_size = 64"
    )


def test_people_to_evaluate_are_checked_before_training(run, dataset):
    folder = dataset(PEOPLE, [*PEOPLE, person("9.jpg")])
    (folder / "images/9.jpg").unlink()
    message = run("train", folder, flags=["--eval"])
    assert f"{annotations(folder, 'val')}: record 4" in message
    assert "image 9.jpg" in message and f"{folder}/images" in message
    dataset(PEOPLE, [person(head_box=None)])
    message = run("train", folder, flags=["--eval"])
    assert message.startswith(f"no ground truth for {annotations(folder, 'val')}: put ")


@pytest.mark.parametrize(
    "command, key", [("eval", "weights"), ("train", "pretrain_weights")]
)
def test_weights(run, dataset, tmp_path, command, key):
    folder = dataset(PEOPLE)
    path = tmp_path / "other.pdparams"
    missing = f"weights {tmp_path}/none.pdparams ({key}) do not exist"
    assert run(command, folder, f"{key}={tmp_path}/none").startswith(missing)
    paddle.save({"fc.weight": paddle.zeros([3, 3])}, str(path))
    message = run(command, folder, f"{key}={path}")
    assert message == f"weights {path} ({key}) fit no layer of the network"
    path.write_bytes(b"torn")
    message = run(command, folder, f"{key}={path}")
    assert message.startswith(f"weights {path} ({key}) cannot be read: ")


def test_resuming_needs_the_optimiser(run, trained, dataset, tmp_path):
    folder = dataset(PEOPLE)
    snapshot = tmp_path / "model_final"
    for ending in (".pdparams", ".json"):
        shutil.copy(trained[0] / f"model_final{ending}", tmp_path)
    message = run("train", folder, flags=["-r", str(snapshot)])
    assert message == (
        f"-r {snapshot}: model_final.pdopt is missing; to start from weights alone use "
        "-o pretrain_weights=FILE"
    )
    snapshot.with_suffix(".json").unlink()  # as of the stock trainer
    message = run("train", folder, flags=["-r", str(snapshot)])
    assert f"{snapshot}.pdopt (-r) do not exist" in message
    assert "pretrain_weights" in message
    snapshot.with_suffix(".pdopt").write_bytes(b"torn")
    message = run("train", folder, flags=["-r", str(snapshot)])
    assert f"{snapshot}.pdopt (-r)" in message
