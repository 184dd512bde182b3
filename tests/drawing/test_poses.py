import numpy as np
import pytest

from ppdet_hourglass.drawing import draw_people, draw_pose
from ppdet_hourglass.drawing.poses import FAINT_OPACITY, PERSON_RGB
from ppdet_hourglass.drawing.skeleton import LEFT_RGB, RIGHT_RGB, bone_width, side_of
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.keypoints.pose import Pose

pytest.importorskip("supervision")

MPII = read_keypoints("mpii")
BLACK = np.zeros((200, 200, 3), np.uint8)


@pytest.fixture
def joints():
    """A grid of joints, 40 px apart."""
    return np.array([[30.0 + 40 * (k % 4), 30.0 + 40 * (k // 4)] for k in range(16)])


def pose(joints, score=0.9, box=(0, 0, 1, 1)):
    scores = np.full(len(joints), score, np.float32)
    return Pose(np.float32(joints), scores, np.float32(box), score, MPII)


def place(name):
    return MPII.joints.index(name)


def color_at(picture, point):
    blue, green, red = picture[int(point[1]), int(point[0])]
    return int(red), int(green), int(blue)


@pytest.mark.parametrize("side", [200, 1200])
def test_each_side_has_its_color(joints, side):
    """Below and above the size from which no smoothing is needed."""
    image = np.zeros((side, side, 3), np.uint8)
    picture = draw_pose(image, joints, MPII)
    assert image.max() == 0
    for name, color in (
        ("right_knee", RIGHT_RGB),
        ("left_wrist", LEFT_RGB),
        ("pelvis", PERSON_RGB[0]),
    ):
        assert color_at(picture, joints[place(name)]) == color


def test_missing_joints_and_their_bones_are_left_out(joints):
    visible = np.zeros(16, bool)
    visible[place("head_top")] = True
    picture = draw_pose(BLACK, joints, MPII, visible)
    y, x = np.nonzero(picture.max(axis=2))
    head = joints[place("head_top")]
    assert len(x) and np.abs(x - head[0]).max() <= 4 and np.abs(y - head[1]).max() <= 4


def test_a_joint_in_the_corner_is_drawn(joints):
    """Supervision takes (0, 0) for a missing joint."""
    joints[place("head_top")] = 0
    assert color_at(draw_pose(BLACK, joints, MPII), (0, 0)) == PERSON_RGB[0]


def test_all_else_stays_as_it_is(joints):
    image = np.random.default_rng(0).integers(0, 256, (201, 203, 3)).astype(np.uint8)
    picture = draw_people(image, [pose(0.2 * joints)], MPII)
    assert picture.shape == image.shape
    assert (picture[60:, 60:] == image[60:, 60:]).all()
    assert (draw_people(image, [], MPII, boxes=True) == image).all()


def test_low_scores_are_faint(joints):
    person = pose(joints)
    wrist = place("left_wrist")
    person.scores[wrist] = 0.29
    picture = draw_people(BLACK, [person], MPII)
    elbow = joints[place("left_elbow")]
    for point in (joints[wrist], (joints[wrist] + elbow) / 2):
        faint = np.array(color_at(picture, point))
        assert np.abs(faint - FAINT_OPACITY * np.array(LEFT_RGB)).max() <= 1
    assert color_at(picture, elbow) == LEFT_RGB
    whole = draw_people(BLACK, [person], MPII, faint_below=0.2)
    assert color_at(whole, joints[wrist]) == LEFT_RGB


def test_people_have_spines_of_their_own_color(joints):
    picture = draw_people(BLACK, [pose(joints * 0.5), pose(joints * 0.5 + 100)], MPII)
    pelvis = joints[place("pelvis")] * 0.5
    assert color_at(picture, pelvis) == PERSON_RGB[0]
    assert color_at(picture, pelvis + 100) == PERSON_RGB[1]
    many = [pose(joints)] * 9
    assert color_at(draw_people(BLACK, many, MPII), pelvis * 2) == PERSON_RGB[0]


def test_boxes_on_request(joints):
    people = [pose(joints * 0.25 + 50, box=(20, 30, 150, 140))]
    for corner in ((20, 30), (170, 30), (20, 170), (170, 170)):
        assert color_at(draw_people(BLACK, people, MPII), corner) == (0, 0, 0)
        with_box = draw_people(BLACK, people, MPII, boxes=True)
        drawn = np.array(color_at(with_box, corner))
        assert (drawn > 0.6 * np.array(PERSON_RGB[0])).all()


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
    for a, b, side in (
        ("left_knee", "left_hip", "left"),
        ("right_wrist", "right_elbow", "right"),
        ("left_hip", "right_hip", ""),
        ("thorax", "left_shoulder", "left"),
    ):
        assert side_of(MPII, (place(a), place(b))) == side
