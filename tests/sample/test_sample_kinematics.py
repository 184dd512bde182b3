"""Poses and skeletons: lengths, the way joints bend, and which side is which."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.sample.families import FAMILIES
from ppdet_hourglass.sample.kinematics import View, build, rotation
from ppdet_hourglass.sample.pose import LIMITS, Limb, Pose, Trunk, sample_pose
from ppdet_hourglass.sample.skeleton import BONES, HEAD_LENGTH, INDEX, sample_bones

UPRIGHT = Trunk(0, 0, 0, 0, 0, 0)
HANGING = Limb(0, 0, 0, 0, 0, 0, 0, 0)
STRAIGHT = Pose("standing", UPRIGHT, HANGING, HANGING, 0)
FRONT = View(0, 0, 0)


def bend(**angles):
    """A straight pose but for the right side's `angles`."""
    return replace(STRAIGHT, right=replace(HANGING, **angles))


def mirrored(pose):
    trunk = pose.trunk
    sideways = {
        name: -getattr(trunk, name) for name in ("lean", "twist", "tilt", "turn")
    }
    return replace(
        pose, trunk=replace(trunk, **sideways), right=pose.left, left=pose.right
    )


def samples(count=40):
    rng = np.random.default_rng(3)
    for _ in range(count):
        view = View(rng.uniform(-180, 180), rng.normal(0, 5), rng.normal(0, 20))
        yield sample_pose(rng, 4.0), sample_bones(rng), view


def test_straight_person_seen_from_the_front_by_hand():
    person = build(STRAIGHT, BONES, FRONT)
    assert person.point("right_hip")[:2] == pytest.approx((-BONES["hips"] / 2, 0))
    assert person.point("left_hip")[:2] == pytest.approx((BONES["hips"] / 2, 0))
    legs = BONES["thigh"] + BONES["shin"]
    assert person.point("left_ankle")[1] == pytest.approx(legs)
    top = BONES["spine"] + BONES["neck"] + HEAD_LENGTH
    assert person.point("head_top")[1] == pytest.approx(-top)
    assert legs + top == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("yaw, nearer", [(90, "right"), (-90, "left")])
def test_who_faces_the_pictures_right_shows_their_right_side(yaw, nearer):
    person = build(STRAIGHT, BONES, View(yaw, 0, 0))
    other = {"right": "left", "left": "right"}[nearer]
    assert person.point(f"{nearer}_hip")[2] < person.point(f"{other}_hip")[2]
    assert np.sign(person.point("left_toe")[0]) == np.sign(yaw)


def test_from_behind_the_right_is_at_the_pictures_right():
    person = build(STRAIGHT, BONES, View(180, 0, 0))
    assert person.point("right_shoulder")[0] > 0 > person.point("left_shoulder")[0]


def test_joints_bend_the_way_bodies_do():
    # Seen from aside, facing the picture's right: forward is +x.
    aside = View(90, 0, 0)
    assert build(bend(knee=60), BONES, aside).point("right_ankle")[0] < -0.1
    assert build(bend(elbow=60), BONES, aside).point("right_wrist")[0] > 0.1
    assert build(bend(hip=60), BONES, aside).point("right_knee")[0] > 0.1
    assert build(bend(shoulder=60), BONES, aside).point("right_elbow")[0] > 0.1


def test_limbs_leave_the_body_on_their_own_side():
    person = build(bend(raised=90, spread=30), BONES, FRONT)
    assert person.point("right_elbow")[0] < person.point("right_shoulder")[0] - 0.1
    assert person.point("right_knee")[0] < person.point("right_hip")[0] - 0.1


def test_bones_keep_their_length_in_every_pose():
    limbs = {
        "thigh": ("hip", "knee"),
        "shin": ("knee", "ankle"),
        "upper_arm": ("shoulder", "elbow"),
        "forearm": ("elbow", "wrist"),
    }
    for pose, bones, view in samples():
        person = build(pose, bones, view)
        for bone, (start, end) in limbs.items():
            for side in ("right", "left"):
                span = person.point(f"{side}_{end}") - person.point(f"{side}_{start}")
                assert np.linalg.norm(span) == pytest.approx(bones[bone])
        head = person.point("head_top")[:2] - person.point("upper_neck")[:2]
        assert np.linalg.norm(head) == pytest.approx(HEAD_LENGTH)


def test_bones_vary_within_a_quarter_and_do_vary():
    rng = np.random.default_rng(0)
    people = [sample_bones(rng) for _ in range(200)]
    for name, typical in BONES.items():
        ratios = np.array([bones[name] for bones in people]) / typical
        assert 0.75 < ratios.min() < 0.95 and 1.05 < ratios.max() < 1.25


def test_angles_stay_within_what_joints_can_do():
    for pose, _, _ in samples(200):
        for part in (pose.trunk, pose.right, pose.left):
            for name, angle in asdict(part).items():
                low, high = LIMITS[name]
                assert low <= angle <= high, (pose.family, name)


def test_every_family_is_drawn():
    rng = np.random.default_rng(0)
    assert {sample_pose(rng, 0.0).family for _ in range(600)} == set(FAMILIES)


def test_a_mirrored_pose_gives_the_mirrored_joints_with_sides_exchanged():
    for pose, bones, view in samples(10):
        opposite = View(-view.yaw, view.pitch, -view.roll)
        reflected = build(pose, bones, view).joints * (-1, 1, 1)
        person = build(mirrored(pose), bones, opposite)
        assert person.joints == pytest.approx(
            reflected[read_keypoints("mpii").flip_order]
        )


def test_placing_scales_and_moves():
    person = build(STRAIGHT, BONES, FRONT).placed(100.0, np.array([30.0, 60.0]))
    assert person.point("pelvis")[:2].tolist() == [30.0, 60.0]
    ankle = person.joints[INDEX["left_ankle"]]
    assert ankle[0] == pytest.approx(30 + 50 * BONES["hips"])
    assert person.unit == 100.0


def test_rotation_turns_up_forward_and_forward_left():
    up, forward = np.array([0, 1, 0]), np.array([0, 0, 1])
    assert rotation(0, 90) @ up == pytest.approx(forward)
    assert rotation(1, 90) @ forward == pytest.approx([1, 0, 0])
    assert rotation(2, 90) @ np.array([1, 0, 0]) == pytest.approx(up)
