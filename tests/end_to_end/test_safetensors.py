"""Weights as ``model.safetensors``, which the export writes and commands read."""

import sys

import numpy as np
import paddle
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from ppdet_hourglass import Predictor
from ppdet_hourglass.cli import main
from ppdet_hourglass.compat.weights import read_state

from ..conftest import refused
from ..networks import CONFIG, TINY, values
from ..running import command
from .conftest import arguments


@pytest.fixture(scope="module")
def written(weights, tmp_path_factory):
    """The tiny network's weights."""
    folder = tmp_path_factory.mktemp("exported")
    options = ["-c", CONFIG, "-o", f"weights={weights}", *TINY, "use_gpu=false"]
    log = command("export", "--safetensors", f"--output_dir={folder}", *options)
    path = folder / "hourglass_sample/model.safetensors"
    assert f"wrote {path}" in log
    return path


def test_the_file_holds_the_weights_and_the_descriptions(written, weights):
    saved, arrays = paddle.load(weights), load_file(written)
    assert len(arrays) == len(saved) > 100
    assert all(np.array_equal(arrays[key], saved[key].numpy()) for key in saved)
    with safe_open(written, "np") as file:
        facts = file.metadata()
    assert facts.pop("format") == "paddle"
    assert facts == {name: (written.parent / name).read_text() for name in facts}
    assert sorted(facts) == ["infer_cfg.yml", "keypoints.yml"]


def test_a_new_export_removes_the_former_weights(written, weights, tmp_path):
    folder = tmp_path / "hourglass_sample"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(written.read_bytes())
    options = ["-o", f"weights={written}", *TINY, "use_gpu=false"]
    command("export", f"--output_dir={tmp_path}", "-c", CONFIG, *options)
    assert "model.safetensors" not in [path.name for path in folder.iterdir()]


def test_evaluation_training_and_prediction_read_it(
    written, weights, sample_people, tmp_path
):
    results = []
    for number, file in enumerate((written, weights)):
        folder = tmp_path / str(number)
        command("eval", *arguments(sample_people, folder), f"weights={file}")
        (path,) = folder.rglob("keypoints_results.json")
        results.append(path.read_text())
    assert results[0] == results[1]
    argv = arguments(sample_people, tmp_path, f"pretrain_weights={written}")
    assert f"loaded weights {written}" in command("train", *argv)
    image = np.random.default_rng(0).integers(0, 255, (90, 70, 3), np.uint8)
    options = {**values(TINY), "use_gpu": False}
    first, second = (
        Predictor.from_config(CONFIG, str(file), **options)(image)[0]
        for file in (written, weights)
    )
    assert np.array_equal(first.keypoints, second.keypoints)


def test_resuming_from_it_is_refused(config, written, sample_people, tmp_path, capfd):
    assert main(["train", *arguments(sample_people, tmp_path), "-r", str(written)]) == 1
    message = capfd.readouterr().err.splitlines()[-1]
    assert message.startswith(f"error: -r {written}: ")
    assert f"{written}.pdparams (-r) do not exist" in message
    assert "pretrain_weights=FILE" in message


def test_files_that_are_wrong(written, tmp_path):
    path = tmp_path / "a.safetensors"
    what = f"weights {path} (weights)"
    assert refused(read_state, str(path), "weights") == f"{what} do not exist"
    content = written.read_bytes()
    for wrong in (content[:-9], content[:50], b"", b"\x80\x04\x95" * 30):
        path.write_bytes(wrong)
        message = refused(read_state, str(path), "weights")
        assert message.startswith(f"{what} cannot be read: ") and "\n" not in message
    for kind in (np.int64, np.uint16, np.bool_):
        save_file({"a": np.ones(2, np.float16), "b": np.ones(2, kind)}, path)
        assert refused(read_state, str(path), "weights") == (
            f"{what}: b must hold floats, but is {np.dtype(kind)}"
        )


def test_without_the_package(config, model, written, tmp_path, monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    export = ["export", f"--output_dir={tmp_path}"]
    for argv in (["--safetensors", *model], [*model, f"weights={written}"]):
        assert main([*export, *argv]) == 1
        assert capfd.readouterr().err.splitlines()[-1] == (
            "error: safetensors is not installed: pip install '.[safetensors]' in the "
            "clone"
        )
    assert not list(tmp_path.iterdir())
