import numpy as np
import pytest

from ppdet_hourglass.drawing.skeleton import bone_width, side_of
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints


@pytest.mark.parametrize(
    "size, extent, width",
    [
        ((1000, 1000), 900, 3.5),  # 0.0035 of the picture
        ((500, 2000), 900, 3.5),
        ((2160, 3840), 2000, 10.08),
        ((1000, 1000), 100, 2.5),  # 0.025 of the person
        ((200, 200), 100, 1.5),  # what can still be seen
        ((1000, 1000), 0, 1.5),
    ],
)
def test_width_of_a_bone(size, extent, width):
    joints = (
        np.array([[10.0, 10.0], [20.0, 10.0 + extent]]) if extent else np.ones((3, 2))
    )
    assert bone_width(size, joints) == pytest.approx(width, abs=0.01)
    assert bone_width(size, np.empty((0, 2))) == 1.5


def test_side_of_a_bone():
    coco = read_keypoints("coco")
    places = {name: place for place, name in enumerate(coco.joints)}
    for a, b, side in (
        ("left_knee", "left_hip", "left"),
        ("right_wrist", "right_elbow", "right"),
        ("left_hip", "right_hip", ""),
        ("nose", "left_eye", "left"),
    ):
        assert side_of(coco, (places[a], places[b])) == side
