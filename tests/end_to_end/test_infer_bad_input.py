"""Prediction by the command line: one clear line for what cannot work."""

import pytest

from ppdet_hourglass.cli import main

from ..predict.networks import CONFIG

RESULTS = "keypoints_results.json"


@pytest.fixture
def fails(model, tmp_path, config, capsys):
    """Runs the command, which must fail; returns its line, with DIR for the folder."""

    def run(*flags, named=None, output=tmp_path / "output"):
        argv = [*(named or model), *map(str, flags), "--output", str(output)]
        assert main(["infer", *argv]) == 1
        errors = capsys.readouterr().err.splitlines()
        (line,) = [line for line in errors if line.startswith("error: ")]
        assert "Traceback" not in "".join(errors)
        assert not (tmp_path / "output" / RESULTS).exists()
        return line.replace(str(tmp_path), "DIR")[len("error: ") :]

    return run


def test_wrong_input(fails, sample_people, tmp_path):
    images = sample_people / "images"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert fails("--input", tmp_path / "no") == "input DIR/no does not exist"
    assert fails("--input", empty).startswith(
        "folder DIR/empty and the folders below it hold no image (.jpg, "
    )
    (tmp_path / "file").write_text("")
    assert fails("--input", images, output=tmp_path / "file/out") == (
        "output folder DIR/file/out cannot be written: Not a directory"
    )
    assert fails("--input", empty, "--boxes", tmp_path / "no").startswith("folder DIR/")
    boxes = tmp_path / "boxes.json"
    boxes.write_text('[{"file_name": "other.jpg", "bbox": [1, 2, 3, 4]}]')
    assert fails("--input", images, "--boxes", boxes) == (
        "DIR/boxes.json: 1 of 1 boxes are of images that are not in the input, first "
        "record 0, file_name 'other.jpg'"
    )
    assert fails("--input", images, "--detector", tmp_path / "no") == (
        "folder of the detector DIR/no does not exist"
    )
    assert fails("--input", images, "--smooth") == (
        "--smooth is for a video or a camera, but --input is neither"
    )


def test_wrong_models(fails, model, weights, sample_people, tmp_path):
    images = ["--input", sample_people / "images"]
    other = ["-c", CONFIG, "-o", f"weights={weights}", "use_gpu=false"]
    message = fails(*images, named=other)
    assert message.startswith(f"weights {weights} (weights) leave ")
    assert message.endswith("trained with another config?")
    missing = ["-c", CONFIG, "-o", "weights=none", "use_gpu=false"]
    assert fails(*images, named=missing) == (
        "weights none.pdparams (weights) do not exist"
    )
    (tmp_path / "folder").mkdir()
    exported = ["--exported", str(tmp_path / "folder")]
    assert fails(*images, named=exported) == (
        "DIR/folder holds no exported model: there is no infer_cfg.yml"
    )
    assert fails(*images, "-o", "x=1", named=exported) == (
        "-o overrides keys of a config (-c), not of an exported model"
    )


def test_without_the_drawing_library(fails, sample_people, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "supervision", None)
    with pytest.raises(ModuleNotFoundError):
        import supervision  # noqa: F401
    message = fails("--input", sample_people / "images")
    assert message == "supervision is not installed: pip install '.[draw]' in the clone"
