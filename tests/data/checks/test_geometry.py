"""Faulty positions, made by hand."""

import numpy as np
import pytest

from ppdet_hourglass.data.checks import geometry
from ppdet_hourglass.data.people import read_people
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints

from ...conftest import people_at

MPII = read_keypoints("mpii")


def people(joints, centers=None, heads=None, images=None):
    """N people with few joints, in a 100 px square around (50, 50) by default."""
    joints = np.array(joints, float)
    count = len(joints)
    return people_at(
        images or ["a.jpg"] * count,
        centers or [[50, 50]] * count,
        [0.625] * count,
        joints=joints,
        visible=np.ones(joints.shape[:2], bool),
        head_boxes=np.array(heads or [[[np.nan] * 2] * 2] * count, float),
    )


def test_empty_head_boxes_by_hand():
    heads = [[[1, 1], [1, 9]], [[5, 1], [2, 9]], [[1, 1], [2, 2]], [[np.nan] * 2] * 2]
    four = people([[[1, 1]]] * 4, heads=heads)
    assert geometry.empty_head_boxes(four).tolist() == [True, True, False, False]


def test_outside_by_hand():
    """An image of 100 x 60 reaches from -0.5 to 99.5 and 59.5, with a margin of 1."""
    joints = [[[100.5, 60.5], [-1.5, -1.5]], [[100.6, 9], [9, 9]], [[-1.6, 9], [9, 61]]]
    three, sizes = people(joints), np.array([[100, 60]] * 3)
    expected = [[False, False], [True, False], [True, True]]
    assert geometry.joints_outside(three, sizes).tolist() == expected
    assert geometry.outside(three, sizes).tolist() == [False, False, True]
    three.visible[2, 1] = 0
    assert geometry.joints_outside(three, sizes)[2].tolist() == [True, False]
    assert geometry.outside(three, sizes)[2]
    three.visible[2] = 0  # nothing is known of the joints
    assert not geometry.outside(three, sizes)[2]
    assert not geometry.outside(three, np.full((3, 2), np.nan))[1]
    # A square of 100 px touches the image from -50.5 to 149.5.
    for x, beyond in ((-50.5, False), (-50.6, True), (149.5, False), (149.6, True)):
        one = people([[[9, 9]]], centers=[[x, 30]])
        assert geometry.outside(one, np.array([[100, 60]])).tolist() == [beyond], x


def test_positions_of_the_upright_image_by_hand():
    joints = [[[90, 20]], [[20, 90]], [[90, 90]]]
    three, stored = people(joints), np.array([[100, 60]] * 3)
    # Only the second is inside 60 x 100 and outside 100 x 60.
    assert geometry.fit_only_upright(three, stored).tolist() == [False, True, False]


def test_duplicates_by_hand():
    """The height is 100 px, so the same person's joints differ by up to 2 px."""
    first = [[10, 10], [20, 20], [30, 30]]
    near, far = [[10, 12], [20, 22], [30, 32]], [[10, 12], [20, 22], [30, 32.1]]
    four = people(
        [first, near, far, first], images=["a.jpg", "a.jpg", "a.jpg", "b.jpg"]
    )
    assert geometry.duplicates(four).tolist() == [-1, 0, 1, -1]
    four.visible[1, 0] = 0  # two common joints are too few
    assert geometry.duplicates(four).tolist() == [-1, -1, -1, -1]


def test_limbs_of_keypoint_sets():
    names = {
        tuple(MPII.joints[joint].split("_")[1] for joint in limb[:2])
        for limb in geometry.limbs_of(MPII)
    }
    assert names == {
        *(("ankle", "knee"), ("knee", "hip"), ("wrist", "elbow")),
        *(("elbow", "shoulder"), ("shoulder", "hip")),
    }
    coco = geometry.limbs_of(read_keypoints("coco"))
    assert len(coco) == len({frozenset(limb) for limb in coco}) >= 5


def test_crossed_limbs_by_hand():
    """Elbows 40 px apart, wrists 30 px below: straight 60, crossed 2 x 50 = 100."""
    straight = [[0, 0], [0, 30], [40, 0], [40, 30]]
    exchanged = [[0, 0], [40, 30], [40, 0], [0, 30]]
    joints, visible = (
        np.array([straight, exchanged, exchanged], float),
        np.ones((3, 4), bool),
    )
    visible[2, 1] = 0
    ratios = geometry.crossing(joints, visible, [(0, 1, 2, 3)])
    assert ratios[:, 0] == pytest.approx([0.6, 100 / 60, 0])
    assert geometry.crossing(joints * 0, visible, [(0, 1, 2, 3)]).tolist() == [[0]] * 3


def test_the_real_training_set_has_no_error(mpii):
    """Of its images only five are here; the file alone has no error."""
    people = read_people(str(mpii / "annotations/mpii_train.json"), MPII)
    assert (geometry.duplicates(people) == -1).all()
    assert not geometry.outside_crops(people).any()
    limbs = geometry.limbs_of(MPII)
    ratios = geometry.crossing(people.joints, people.visible, limbs)
    assert (ratios >= geometry.CROSSED_FROM).any(axis=1).sum() == 214
