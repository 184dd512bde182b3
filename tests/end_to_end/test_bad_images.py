"""A picture that is cut off, in training and evaluation."""

import logging

import pytest

from ppdet_hourglass.cli import main
from ppdet_hourglass.training import reading

from ..conftest import Messages, person
from .conftest import arguments


@pytest.fixture
def run(config, tmp_path, dataset, capsys, monkeypatch):
    """Runs a command on four people of whom the third's JPEG is cut off."""
    monkeypatch.setattr(logging, "raiseExceptions", False)
    folder = dataset([person(f"{i}.jpg") for i in range(1, 5)])
    image = folder / "images/3.jpg"
    image.write_bytes(image.read_bytes()[:-9])

    def run(command, *options):
        status = main([command, *arguments(folder, tmp_path / "output", *options)])
        errors = capsys.readouterr().err.splitlines()
        return status, [line[7:] for line in errors if line.startswith("error: ")]

    where = f"{folder}/annotations/mpii_SPLIT.json: record 2 (image 3.jpg)"
    run.message = f"{where}: image {image} is cut off"
    return run


def test_training_ends_at_it(run):
    message = run.message.replace("SPLIT", "train")
    assert run("train") == (1, [message])


@pytest.mark.parametrize("workers", [0, 1])
def test_training_skips_it(run, workers):
    messages = Messages()
    reading.logger.addHandler(messages)
    assert run("train", "on_bad_image=skip", f"worker_num={workers}") == (0, [])
    reading.logger.removeHandler(messages)
    if workers == 0:  # a worker process has its own log
        expected = run.message.replace("SPLIT", "train")
        skipped = [line for line in messages.lines if "skipped" in line]
        assert skipped[0].startswith(f"{expected}: skipped, 1 so far; person ")


def test_an_evaluation_never_skips(run, weights):
    options = (f"weights={weights}", "on_bad_image=skip", "use_gpu=false")
    assert run("eval", *options) == (1, [run.message.replace("SPLIT", "val")])


def test_the_key_is_checked(run):
    assert run("train", "on_bad_image=maybe")[1] == [
        "config key 'on_bad_image' must be one of error, skip, but got 'maybe'"
    ]
