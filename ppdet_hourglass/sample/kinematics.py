"""Forward kinematics: from a pose and bone lengths to a skeleton.

Frames and axes are those of `skeleton.py`; lengths are in statures.
"""

import math
from dataclasses import dataclass
from typing import Dict, Tuple

import numpy as np

from .pose import Limb, Pose
from .skeleton import (
    FOOT_LENGTH,
    HAND_LENGTH,
    HEAD_LENGTH,
    INDEX,
    JOINT_NAMES,
    SIDES,
    Skeleton,
)

UP = np.array([0.0, 1.0, 0.0])
FORWARD = np.array([0.0, 0.0, 1.0])
#: From (left, up, forward) of a person who faces the camera to camera axes.
FACE_CAMERA = np.diag([1.0, -1.0, -1.0])


@dataclass(frozen=True)
class View:
    """How the camera sees a person, degrees: turn to their left, pitch, roll."""

    yaw: float
    pitch: float
    roll: float


def rotation(axis: int, degrees: float) -> np.ndarray:
    """Right-handed rotation (3, 3) about axis 0 (left), 1 (up) or 2 (forward)."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    if axis == 0:
        return np.array([[1.0, 0.0, 0.0], [0.0, cos, -sin], [0.0, sin, cos]])
    if axis == 1:
        return np.array([[cos, 0.0, sin], [0.0, 1.0, 0.0], [-sin, 0.0, cos]])
    return np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])


def build(pose: Pose, bones: Dict[str, float], view: View) -> Skeleton:
    """Skeleton of one stature, its pelvis at the origin."""
    camera = rotation(2, view.roll) @ FACE_CAMERA
    pelvis = camera @ rotation(0, view.pitch) @ rotation(1, view.yaw)
    trunk = pose.trunk
    chest = pelvis @ rotation(0, trunk.bend) @ rotation(2, -trunk.lean)
    chest = chest @ rotation(1, trunk.twist)
    joints = np.zeros((len(JOINT_NAMES), 3))
    tips: Dict[str, np.ndarray] = {}
    joints[INDEX["thorax"]] = bones["spine"] * chest @ UP
    head = _place_head(joints, chest, pose, bones["neck"])
    for side, limb in zip(SIDES, (pose.right, pose.left)):
        _place_leg(joints, tips, pelvis, limb, bones, side)
        _place_arm(joints, tips, chest, limb, bones, side)
    return Skeleton(joints, chest, pelvis, head, tips)


def _place_head(
    joints: np.ndarray, chest: np.ndarray, pose: Pose, neck: float
) -> np.ndarray:
    """Set neck and head top; returns the head's frame, its up in the picture plane.

    MPII measures the head by its box, so that the head has its full length in
    the picture however the neck is bent.
    """
    trunk = pose.trunk
    turned = chest @ rotation(0, trunk.nod) @ rotation(2, -trunk.tilt)
    turned = turned @ rotation(1, trunk.turn)
    base = joints[INDEX["thorax"]] + neck * chest @ UP
    up = (turned + 0.3 * chest) @ UP
    up = np.array([up[0], up[1], 0.0]) / np.hypot(up[0], up[1])
    forward = turned @ FORWARD
    forward = forward - up * (forward @ up)
    forward = forward / np.linalg.norm(forward)
    joints[INDEX["upper_neck"]] = base
    joints[INDEX["head_top"]] = base + HEAD_LENGTH * up
    return np.stack([np.cross(up, forward), up, forward], axis=1)


def _place_leg(
    joints: np.ndarray,
    tips: Dict[str, np.ndarray],
    pelvis: np.ndarray,
    limb: Limb,
    bones: Dict[str, float],
    side: Tuple[str, int],
) -> None:
    """Set the joints and the tip of one leg; `side` is a pair of SIDES."""
    name, sign = side
    frame = pelvis @ rotation(1, sign * limb.turnout) @ rotation(2, sign * limb.spread)
    thigh = frame @ rotation(0, -limb.hip)
    shin = thigh @ rotation(0, limb.knee)
    hip = sign * bones["hips"] / 2 * pelvis[:, 0]
    knee = hip - bones["thigh"] * thigh @ UP
    ankle = knee - bones["shin"] * shin @ UP
    joints[INDEX[name + "_hip"]] = hip
    joints[INDEX[name + "_knee"]] = knee
    joints[INDEX[name + "_ankle"]] = ankle
    tips[name + "_toe"] = ankle + FOOT_LENGTH * shin @ (0.92 * FORWARD - 0.39 * UP)


def _place_arm(
    joints: np.ndarray,
    tips: Dict[str, np.ndarray],
    chest: np.ndarray,
    limb: Limb,
    bones: Dict[str, float],
    side: Tuple[str, int],
) -> None:
    """Set the joints and the tip of one arm; `side` is a pair of SIDES."""
    name, sign = side
    frame = chest @ rotation(2, sign * limb.raised) @ rotation(0, -limb.shoulder)
    upper = frame @ rotation(1, -sign * limb.roll)
    lower = upper @ rotation(0, -limb.elbow)
    # A raised upper arm lifts its shoulder towards the ear.
    shrug = 0.02 * (1.0 - chest[:, 1] @ upper @ UP)
    shoulder = joints[INDEX["thorax"]] + sign * bones["shoulders"] / 2 * chest[:, 0]
    shoulder = shoulder + shrug * chest[:, 1]
    elbow = shoulder - bones["upper_arm"] * upper @ UP
    wrist = elbow - bones["forearm"] * lower @ UP
    joints[INDEX[name + "_shoulder"]] = shoulder
    joints[INDEX[name + "_elbow"]] = elbow
    joints[INDEX[name + "_wrist"]] = wrist
    tips[name + "_finger"] = wrist - HAND_LENGTH * lower @ UP
