"""Forward kinematics: positions worked out by hand, and which side is which."""

import numpy as np
import pytest

from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.sample.person import sample_pose
from ppdet_hourglass.sample.skeleton import (
    HEAD_LENGTH,
    INDEX,
    JOINTS,
    rotation,
    sample_offsets,
)

from .bodies import Body, mirrored, pose


def length(body, start, end):
    return np.linalg.norm(body[end] - body[start])


def samples(count=30):
    rng = np.random.default_rng(3)
    for _ in range(count):
        yield sample_pose(rng), sample_offsets(rng)


def test_rotation_turns_up_forward_forward_left_and_left_up():
    left, up, forward = np.eye(3)
    assert rotation(0, 90) @ up == pytest.approx(forward)
    assert rotation(1, 90) @ forward == pytest.approx(left)
    assert rotation(2, 90) @ left == pytest.approx(up)
    assert rotation(2, np.array([0, 90]))[1] == pytest.approx(rotation(2, 90))


def test_a_straight_person_from_the_front():
    body = Body(pose())
    assert body["pelvis"].tolist() == [0, 0, 0]
    assert body["right_hip"] == pytest.approx([-0.0625, 0, 0])
    assert body["left_ankle"] == pytest.approx([0.0625, 0.240 + 0.228, 0])
    assert body["left_wrist"] == pytest.approx([0.1075, -0.300 + 0.172 + 0.142, 0])
    assert body["head_top"] == pytest.approx([0, -(0.300 + 0.047 + 1 / 6), 0])
    assert body["nose"][2] == pytest.approx(-0.078)  # towards the camera


def test_lifted_legs_and_arms_by_hand():
    # Facing the picture's right: the thigh goes ahead, the shin hangs from it, and
    # the forearm points up from an upper arm held ahead.
    body = Body(pose(view={"yaw": 90}, hip=90, knee=90, shoulder=90, elbow=90))
    assert body["right_knee"] == pytest.approx([0.240, 0, -0.0625])
    assert body["right_ankle"] == pytest.approx([0.240, 0.228, -0.0625])
    assert body["right_elbow"] == pytest.approx([0.172, -0.300, -0.1075])
    assert body["right_wrist"] == pytest.approx([0.172, -0.442, -0.1075])
    assert body["left_knee"] == pytest.approx([0, 0.240, 0.0625])
    # From the front: limbs leave the body on their own side.
    body = Body(pose(spread=90, raised=90))
    assert body["right_knee"] == pytest.approx([-0.0625 - 0.240, 0, 0])
    assert body["right_elbow"] == pytest.approx([-0.1075 - 0.172, -0.300, 0])


@pytest.mark.parametrize(
    "trunk, view, thorax, left_shoulder",
    [
        ({"bend": 90}, {}, [0, 0, -0.300], [0.1075, 0, -0.300]),
        ({"lean": 90}, {}, [0.300, 0, 0], [0.300, 0.1075, 0]),
        ({"twist": 90}, {}, [0, -0.300, 0], [0, -0.300, 0.1075]),
        ({}, {"pitch": 90}, [0, 0, -0.300], [0.1075, 0, -0.300]),
        ({}, {"roll": 90}, [0.300, 0, 0], [0.300, 0.1075, 0]),
    ],
)
def test_trunk_and_view_by_hand(trunk, view, thorax, left_shoulder):
    body = Body(pose(trunk=trunk, view=view))
    assert body["thorax"] == pytest.approx(thorax)
    assert body["left_shoulder"] == pytest.approx(left_shoulder)


def test_a_nod_brings_the_head_forward():
    body = Body(pose(trunk={"nod": 30}, view={"yaw": 90}))
    up = np.array([0.5, -(np.sqrt(3) / 2 + 0.3)])
    head = (body["head_top"] - body["upper_neck"])[:2]
    assert head == pytest.approx(up / np.linalg.norm(up) / 6)


def test_bones_and_the_heads_picture_keep_their_length_in_every_pose():
    for one, offsets in samples():
        body = Body(one, offsets)
        for start, end in (("hip", "knee"), ("shoulder", "elbow"), ("elbow", "wrist")):
            right, left = (
                length(body, f"{side}_{start}", f"{side}_{end}")
                for side in ("right", "left")
            )
            bone = np.linalg.norm(offsets[INDEX[f"left_{end}"]])
            assert right == pytest.approx(left) == pytest.approx(bone)
        head = (body["head_top"] - body["upper_neck"])[:2]
        assert np.linalg.norm(head) == pytest.approx(HEAD_LENGTH)


def test_a_mirrored_pose_gives_the_mirrored_joints_with_sides_exchanged():
    flip = read_keypoints("mpii").flip_order
    for one, offsets in samples(10):
        joints = Body(one, offsets).points[JOINTS]
        other = Body(mirrored(one), offsets).points[JOINTS]
        assert other == pytest.approx((joints * (-1, 1, 1))[flip])
