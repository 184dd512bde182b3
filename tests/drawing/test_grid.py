import json

import cv2
import pytest

from ppdet_hourglass.__main__ import main
from ppdet_hourglass.drawing.grid import FRAME, PAIRS_PER_ROW, TILE, TITLE

pytest.importorskip("supervision")


@pytest.fixture
def results(sample_people, tmp_path):
    records = json.loads((sample_people / "annotations/mpii_val.json").read_text())
    rows = [
        {"keypoints": [v for x, y in r["joints"] for v in (x - 1, y - 1, 1)]}
        for r in records
    ]
    path = tmp_path / "keypoints_results.json"
    path.write_text(json.dumps(rows))
    return path, rows


def test_grid(sample_people, results, tmp_path):
    path, rows = results
    out = tmp_path / "grid.png"
    arguments = ["grid", str(path), str(out), "--dataset", str(sample_people)]
    assert main([*arguments, "--people", "2"]) == 0
    picture = cv2.imread(str(out))
    frame = TILE + 2 * FRAME
    assert (
        picture.shape[1] == 2 * (2 * TILE + 2 * FRAME)
        and picture.shape[0] == TITLE + frame
    )
    assert main(arguments) == 0
    shown = min(12, len(rows))
    lines = -(-shown // PAIRS_PER_ROW)
    assert cv2.imread(str(out)).shape[0] == TITLE + lines * frame


def test_wrong_input(sample_people, results, tmp_path, capsys):
    path, rows = results
    out = str(tmp_path / "grid.png")
    arguments = ["grid", str(path), out, "--dataset", str(sample_people)]

    def error(*argv):
        assert main([*argv]) == 1
        return capsys.readouterr().err

    assert error(*arguments[:2], "x.bin", *arguments[3:]) == (
        "error: x.bin must end in one of .png, .jpg, .jpeg\n"
    )
    assert "at least 1 person must be drawn" in error(*arguments, "--people", "0")
    path.write_text(json.dumps(rows[:-1]))
    assert f"holds {len(rows) - 1} people, but" in error(*arguments)
    path.write_text("[{")
    assert error(*arguments).startswith(f"error: {path} is no valid results file: ")
    path.unlink()
    assert error(*arguments) == f"error: results file {path} does not exist\n"
