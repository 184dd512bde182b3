"""Points of the body: positions worked out by hand, and which side is which."""

import numpy as np
import pytest

from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.sample.person import JOINT_NAMES, sample_lengths, sample_pose

from .bodies import body, mirrored, pose


def samples(count):
    rng = np.random.default_rng(3)
    return [(sample_pose(rng), sample_lengths(rng)) for _ in range(count)]


def test_a_straight_person_from_the_front():
    points = body(pose())
    assert points["pelvis"].tolist() == [0, 0, 0]
    assert points["right_hip"] == pytest.approx([-0.0625, 0, 0])
    assert points["left_ankle"] == pytest.approx([0.0625, 0.240 + 0.228, 0])
    assert points["left_wrist"] == pytest.approx([0.1075, -0.300 + 0.172 + 0.142, 0])
    assert points["head_top"] == pytest.approx([0, -(0.300 + 0.047 + 1 / 6), 0])
    assert points["nose"][2] == pytest.approx(-0.078)  # towards the camera


def test_lifted_legs_and_arms_by_hand():
    # Facing the image's right: the thigh goes ahead, the shin hangs from it, and the
    # forearm points up from an upper arm held ahead.
    points = body(pose(yaw=90, hip=90, knee=90, shoulder=90, elbow=90))
    assert points["right_knee"] == pytest.approx([0.240, 0, -0.0625])
    assert points["right_ankle"] == pytest.approx([0.240, 0.228, -0.0625])
    assert points["right_elbow"] == pytest.approx([0.172, -0.300, -0.1075])
    assert points["right_wrist"] == pytest.approx([0.172, -0.442, -0.1075])
    assert points["left_knee"] == pytest.approx([0, 0.240, 0.0625])
    # From the front: limbs leave the body on their own side.
    points = body(pose(spread=90, raised=90))
    assert points["right_knee"] == pytest.approx([-0.0625 - 0.240, 0, 0])
    assert points["right_elbow"] == pytest.approx([-0.1075 - 0.172, -0.300, 0])


@pytest.mark.parametrize(
    "angles, thorax, left_shoulder, head_top",
    [
        ({"bend": 90}, [0, 0, -0.300], [0.1075, 0, -0.300], [0, -1 / 6, -0.347]),
        ({"lean": 90}, [0.300, 0, 0], [0.300, 0.1075, 0], [0.347, -1 / 6, 0]),
        ({"roll": 90}, [0.300, 0, 0], [0.300, 0.1075, 0], [0.347 + 1 / 6, 0, 0]),
        ({"tilt": 90}, [0, -0.300, 0], [0.1075, -0.300, 0], [1 / 6, -0.347, 0]),
        ({"yaw": 180}, [0, -0.300, 0], [-0.1075, -0.300, 0], [0, -0.347 - 1 / 6, 0]),
    ],
)
def test_trunk_and_head_by_hand(angles, thorax, left_shoulder, head_top):
    points = body(pose(**angles))
    assert points["thorax"] == pytest.approx(thorax)
    assert points["left_shoulder"] == pytest.approx(left_shoulder)
    assert points["head_top"] == pytest.approx(head_top)


def test_both_sides_are_equally_long_and_the_head_has_its_length_in_the_image():
    for one, lengths in samples(30):
        points = body(one, lengths)
        for start, end in (("hip", "knee"), ("shoulder", "elbow"), ("elbow", "wrist")):
            right, left = (
                np.linalg.norm(points[f"{side}_{end}"] - points[f"{side}_{start}"])
                for side in ("right", "left")
            )
            assert right == pytest.approx(left)
        head = (points["head_top"] - points["upper_neck"])[:2]
        assert np.linalg.norm(head) == pytest.approx(1 / 6)


def test_a_mirrored_pose_gives_the_mirrored_joints_with_sides_exchanged():
    flip = read_keypoints("mpii").flip_order
    for one, lengths in samples(10):
        joints, other = (
            np.array([points[name] for name in JOINT_NAMES])
            for points in (body(one, lengths), body(mirrored(*one), lengths))
        )
        assert other == pytest.approx((joints * (-1, 1, 1))[flip])
