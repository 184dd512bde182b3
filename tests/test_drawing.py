import json

import cv2
import numpy as np
import pytest

from ppdet_hourglass.__main__ import main
from ppdet_hourglass.drawing import (
    FRAME,
    PAIRS_PER_ROW,
    SIDE_COLORS,
    TILE,
    TITLE,
    draw_pose,
)
from ppdet_hourglass.keypoint_file import read_keypoints
from ppdet_hourglass.sample.skeleton import JOINT_NAMES

pytest.importorskip("supervision")


@pytest.fixture
def joints():
    """A grid of joints, 40 px apart."""
    return np.array([[30.0 + 40 * (k % 4), 30.0 + 40 * (k // 4)] for k in range(16)])


def color_at(picture, point):
    blue, green, red = picture[int(point[1]), int(point[0])]
    return int(red), int(green), int(blue)


def test_each_side_has_its_color(joints):
    image = np.zeros((200, 200, 3), np.uint8)
    picture = draw_pose(image, joints, read_keypoints("mpii"))
    assert image.max() == 0
    for name, side in (("right_knee", "right"), ("left_wrist", "left"), ("pelvis", "")):
        at = joints[JOINT_NAMES.index(name)]
        assert color_at(picture, at) == SIDE_COLORS[side]


def test_missing_joints_and_their_bones_are_left_out(joints):
    image = np.zeros((200, 200, 3), np.uint8)
    visible = np.zeros(16, bool)
    visible[JOINT_NAMES.index("head_top")] = True
    picture = draw_pose(image, joints, read_keypoints("mpii"), visible)
    y, x = np.nonzero(picture.max(axis=2))
    head = joints[JOINT_NAMES.index("head_top")]
    assert len(x) and np.abs(x - head[0]).max() <= 4 and np.abs(y - head[1]).max() <= 4


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
