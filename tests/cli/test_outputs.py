"""An output that cannot be written: one line, before the work begins."""

import pytest

from ppdet_hourglass.cli import main

from ..conftest import ROOT

SAMPLE = str(ROOT / "configs/hourglass_sample.yml")


@pytest.mark.parametrize(
    "argv",
    [
        ["sample", "FILE/new"],
        ["labelme", "FOLDER", "FILE", "--keypoints", "mpii"],
        ["convert", "FOLDER/none.pth", "FILE/a.pdparams"],
        ["report", "FOLDER/none.json", "--output", "FILE/a", "--dataset", "FOLDER"],
        ["eval", "-c", SAMPLE, "--output_eval", "FILE"],
        ["eval", "-c", SAMPLE, "-o", "save_dir=FILE/save"],
        ["export", "-c", SAMPLE, "--output_dir", "FILE"],
        ["check-data", "-c", SAMPLE, "--json", "FILE/a.json"],
    ],
)
def test_an_output_below_a_file(config, tmp_path, capsys, argv):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    paths = {"FILE": str(tmp_path / "file"), "FOLDER": str(tmp_path / "folder")}
    for name, path in paths.items():
        argv = [word.replace(name, path) for word in argv]
    assert main(argv) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: output folder {tmp_path}/file")
    assert " cannot be written: " in line


def test_a_folder_in_place_of_a_file(config, tmp_path, capsys):
    argv = ["report", "none.json", "--output", str(tmp_path)]
    argv += ["--dataset", str(tmp_path)]
    assert main(argv) == 1
    line = f"error: {tmp_path} is a folder: name a file to write\n"
    assert capsys.readouterr().err == line
