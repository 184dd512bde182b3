"""Prediction by the command line: one clear line for what cannot work."""

import pytest

from ppdet_hourglass.cli import main

from ..networks import CONFIG


@pytest.fixture
def fails(model, sample_people, tmp_path, config, capsys):
    """Runs the command, which must fail; returns its line, with DIR for the folder."""

    def run(*flags, named=model, images=sample_people / "images", to="output"):
        argv = ["--input", images, "--output", tmp_path / to, *flags]
        assert main(["infer", *named, *map(str, argv)]) == 1
        errors = capsys.readouterr().err.splitlines()
        (line,) = [line for line in errors if line.startswith("error: ")]
        assert "Traceback" not in "".join(errors)
        assert not (tmp_path / "output/keypoints_results.json").exists()
        return line.replace(str(tmp_path), "DIR")[len("error: ") :]

    return run


def test_wrong_input(fails, tmp_path):
    none = tmp_path / "no"
    assert fails(images=none, named=["-c", "x.yml"]) == "input DIR/no does not exist"
    (tmp_path / "file").write_text("")
    assert fails(to="file/out") == (
        "output folder DIR/file/out cannot be written: Not a directory"
    )
    assert fails("--boxes", none) == "boxes file DIR/no does not exist"
    assert fails("--detector", none) == "folder of the detector DIR/no does not exist"
    assert "--smooth needs a video" in fails("--smooth")


def test_wrong_models(fails, weights, tmp_path):
    message = fails(named=["-c", CONFIG, "-o", f"weights={weights}", "use_gpu=false"])
    assert message.startswith(f"weights {weights} (weights) leave ")
    assert message.endswith("trained with another config?")
    assert fails("--backend", "paddle") == (
        "--backend is for an exported model (--exported), not -c"
    )
    exported = ["--exported", str(tmp_path)]
    assert fails(named=exported) == (
        "DIR holds no exported model: there is no infer_cfg.yml"
    )
    assert fails("-o", "x=1", named=exported) == (
        "-o overrides keys of a config (-c), not of an exported model"
    )
