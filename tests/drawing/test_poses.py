from dataclasses import replace

import numpy as np
import pytest

from ppdet_hourglass.drawing import draw_people, draw_pose
from ppdet_hourglass.drawing.poses import (
    FAINT_OPACITY,
    JOINT_RGB,
    LEFT_RGB,
    PERSON_RGB,
    RIGHT_RGB,
    RING_RGB,
    add_ring,
    bone_colors,
    bone_width,
)
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.keypoints.pose import Pose

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
    image = np.zeros((side, side, 3), np.uint8)
    drawn = draw_pose(image, joints, MPII)
    assert image.max() == 0
    for name, color in (
        ("right_knee", RIGHT_RGB),
        ("left_wrist", LEFT_RGB),
        ("pelvis", PERSON_RGB[0]),
    ):
        assert color_at(drawn, joints[place(name)]) == color


def test_joints_without_sides_have_their_own_colors(joints):
    clock = replace(MPII, pairs=())
    drawn = draw_pose(BLACK, joints, clock)
    colors = [color_at(drawn, point) for point in joints]
    assert colors[:8] == list(JOINT_RGB) and len(set(colors[:8])) == 8
    person = draw_people(BLACK, [pose(joints)], clock)
    assert color_at(person, joints[3]) == JOINT_RGB[3]


@pytest.mark.parametrize("radius", [1.5, 2.0, 3.5, 6.0])
def test_a_joint_is_round_and_where_it_is(radius):
    """The centre of mass and the area of one joint, at a quarter of a pixel."""
    width = radius / 1.25
    size = round(width / 0.0035)
    one = replace(MPII, skeleton=())
    joints = np.full((16, 2), 40.25)
    joints[0] = [40.25 + width / 0.02, 40.25]  # the person is as large as that
    visible = np.zeros(16, bool)
    visible[[0, place("pelvis")]] = True
    ground = np.full((size, size, 3), 25, np.uint8)  # the outline's colour
    ink = draw_pose(ground, joints, one, visible)[:80, :80, 2].astype(float) - 25
    y, x = np.mgrid[:80, :80]
    middle = np.array([(x * ink).sum(), (y * ink).sum()]) / ink.sum()
    np.testing.assert_allclose(middle, 40.25, atol=0.2)
    area = ink.sum() / (PERSON_RGB[0][0] - 25)
    assert (area / np.pi) ** 0.5 == pytest.approx(max(radius, 1.5625), abs=0.15)
    assert np.ptp(x[ink > 100]) == np.ptp(y[ink > 100])


def test_missing_joints_and_their_bones_are_left_out(joints):
    visible = np.zeros(16, bool)
    visible[place("head_top")] = True
    picture = draw_pose(BLACK, joints, MPII, visible)
    y, x = np.nonzero(picture.max(axis=2))
    head = joints[place("head_top")]
    assert len(x) and np.abs(x - head[0]).max() <= 4 and np.abs(y - head[1]).max() <= 4


def test_a_joint_in_the_corner_is_drawn(joints):
    joints[place("head_top")] = 0
    assert color_at(draw_pose(BLACK, joints, MPII), (0, 0)) == PERSON_RGB[0]


def test_all_else_stays_as_it_is(joints):
    image = np.random.default_rng(0).integers(0, 256, (201, 203, 3)).astype(np.uint8)
    given = image.copy()
    people = [pose(0.2 * joints), pose(0.2 * joints, score=0.1)]
    drawn = draw_people(image, people, MPII)
    assert drawn.shape == image.shape and (image == given).all()
    assert (drawn[60:, 60:] == image[60:, 60:]).all()
    assert (draw_people(image, [], MPII, boxes=True) == image).all()


def test_joints_far_outside_do_no_harm(joints):
    joints[place("head_top")] = [-1e30, 4e9]
    drawn = draw_pose(BLACK, joints, MPII)
    assert color_at(drawn, joints[place("pelvis")]) == PERSON_RGB[0]


def test_low_scores_are_faint(joints):
    person = pose(joints)
    wrist, elbow = place("left_wrist"), place("left_elbow")
    person.scores[wrist] = 0.29
    drawn = draw_people(BLACK, [person], MPII)
    for point in (joints[wrist], (joints[wrist] + joints[elbow]) / 2):
        faint = np.array(color_at(drawn, point))
        assert np.abs(faint - FAINT_OPACITY * np.array(LEFT_RGB)).max() <= 4
    assert color_at(drawn, joints[elbow]) == LEFT_RGB
    whole = draw_people(BLACK, [person], MPII, faint_below=0.2)
    assert color_at(whole, joints[wrist]) == LEFT_RGB


def test_what_is_certain_looks_as_without_faint_joints(joints):
    """The sure joints have no shadow of a faint layer below them."""
    person = pose(joints)
    person.scores[:] = 0.1
    person.scores[place("pelvis")] = 0.9
    alone = draw_people(BLACK, [person], replace(MPII, skeleton=()))
    region = tuple(slice(round(v) - 8, round(v) + 8) for v in joints[6][::-1])
    expected = draw_people(BLACK, [pose(joints)], replace(MPII, skeleton=()))
    assert (alone[region] == expected[region]).all()


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
        assert (drawn > 0.4 * np.array(PERSON_RGB[0])).all()


@pytest.mark.parametrize(
    "size, extent, width",
    [
        ((1000, 1000), 900, 3.5),  # 0.0035 of the image
        ((500, 2000), 900, 3.5),
        ((2160, 3840), 2000, 10.08),
        ((1000, 1000), 100, 2.0),  # 0.02 of the person
        ((200, 200), 150, 2.0),  # a small image
        ((200, 200), 50, 1.25),  # what can still be seen
        ((1000, 1000), 0, 1.25),
    ],
)
def test_width_of_a_bone(size, extent, width):
    joints = (
        np.array([[10.0, 10.0], [20.0, 10.0 + extent]]) if extent else np.ones((3, 2))
    )
    assert bone_width(size, joints) == pytest.approx(width, abs=0.01)
    assert bone_width(size, np.empty((0, 2))) == 1.25


def test_joints_that_are_not_drawn_do_not_make_bones_wide(joints):
    """Annotations write joints that nobody sees at (0, 0) or -1."""
    joints = joints * 0.2 + 100
    visible = np.ones(16, bool)
    visible[place("head_top")] = False
    drawn = draw_pose(BLACK, joints, MPII, visible)
    joints[place("head_top")] = -1e6
    assert (draw_pose(BLACK, joints, MPII, visible) == drawn).all()


def test_colours_of_bones():
    bones = {
        ("left_knee", "left_hip"): LEFT_RGB,
        ("right_wrist", "right_elbow"): RIGHT_RGB,
        ("left_hip", "right_hip"): JOINT_RGB[4],
        ("thorax", "left_shoulder"): LEFT_RGB,
        ("pelvis", "thorax"): JOINT_RGB[4],
    }
    skeleton = tuple((place(a), place(b)) for a, b in bones)
    colors = bone_colors(replace(MPII, skeleton=skeleton), JOINT_RGB[4])
    assert colors == list(bones.values())


@pytest.mark.parametrize("color", [0, 128, 255])
def test_a_ring_shows_on_any_background(color):
    tile = np.full((60, 60, 3), color, np.uint8)
    add_ring(tile, np.array([30.0, 30.0]))
    assert (tile == RING_RGB[::-1]).all(axis=2).sum() > 40
    assert (tile[30, 30] == color).all()
    assert (tile[30, :18] == color).all()  # nothing beyond it
