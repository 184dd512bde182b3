"""Positions of a body's points in space.

A frame is a (3, 3) matrix whose columns are a part's left, up and forward.  The camera
looks along +z, x points right and y down, so the left side of a person who faces the
camera is at +x.  Angles are in degrees, lengths in statures (200 px times MPII's
``scale``).
"""

from typing import Dict

import cv2
import numpy as np
from numpy.random import Generator

from ..keypoints.keypoint_file import read_keypoints

JOINT_NAMES = read_keypoints("mpii").joints
SIDES = {"right": -1.0, "left": 1.0}
HEAD_LENGTH = 1 / 6

#: Point, its parent, the part that it belongs to, and its (left, up, forward) offset
#: from the parent; * stands for both sides, with the first number negated on the right.
#: Offsets are medians of standing people in mpii_train.json, slightly longer where the
#: projection shortens real people's bones.
_BODY = [
    ("pelvis", "", "pelvis", (0.0, 0.0, 0.0)),
    ("thorax", "pelvis", "chest", (0.0, 0.300, 0.0)),
    ("upper_neck", "thorax", "chest", (0.0, 0.047, 0.0)),
    ("head_top", "upper_neck", "head", (0.0, HEAD_LENGTH, 0.0)),
    ("*_hip", "pelvis", "pelvis", (0.0625, 0.0, 0.0)),
    ("*_knee", "*_hip", "*_thigh", (0.0, -0.240, 0.0)),
    ("*_ankle", "*_knee", "*_shin", (0.0, -0.228, 0.0)),
    ("*_shoulder", "thorax", "chest", (0.1075, 0.0, 0.0)),
    ("*_elbow", "*_shoulder", "*_upper_arm", (0.0, -0.172, 0.0)),
    ("*_wrist", "*_elbow", "*_forearm", (0.0, -0.142, 0.0)),
    # The other points are for drawing only.
    ("*_toe", "*_ankle", "*_shin", (0.010, -0.030, 0.075)),
    ("*_finger", "*_wrist", "*_forearm", (0.0, -0.040, 0.0)),
    ("breast", "thorax", "chest", (0.0, -0.065, 0.0)),
    ("collar", "thorax", "chest", (0.0, -0.005, 0.055)),
    ("hem", "pelvis", "chest", (0.0, 0.035, 0.060)),
    ("crown", "upper_neck", "head", (0.0, 0.099, -0.010)),
    ("brow", "upper_neck", "head", (0.0, 0.086, 0.020)),
    ("chin", "upper_neck", "head", (0.0, 0.043, 0.026)),
    ("nose", "upper_neck", "head", (0.0, 0.063, 0.078)),
]
#: Relative standard deviation of a bone's length.
_SPREAD = 0.06


def place_points(
    frames: Dict[str, np.ndarray], lengths: np.ndarray
) -> Dict[str, np.ndarray]:
    """Place the body's points (3,) in camera axes, with the pelvis at the origin.

    ``frames`` come from :func:`pose_frames`, ``lengths`` from :func:`sample_lengths`.
    """
    points = {"": np.zeros(3)}
    for (*names, offset), length in zip(_BODY, lengths):
        for side, sign in SIDES.items():
            point, parent, part = (name.replace("*", side) for name in names)
            bone = length * np.array(offset) * (sign, 1.0, 1.0)
            points[point] = points[parent] + frames[part] @ bone
    return points


def sample_lengths(rng: Generator) -> np.ndarray:
    """Draw the bones' relative lengths; the head's is 1, as MPII's ``scale`` needs."""
    lengths = 1.0 + _SPREAD * rng.normal(size=len(_BODY)).clip(-2.0, 2.0)
    return np.where([part == "head" for _, _, part, _ in _BODY], 1.0, lengths)


def rotation(axis: int, degrees: float) -> np.ndarray:
    """Right-handed rotation (3, 3) about axis 0 (left), 1 (up) or 2 (forward)."""
    return cv2.Rodrigues(np.radians(degrees) * np.eye(3)[axis])[0]


def pose_frames(
    trunk: np.ndarray, legs: np.ndarray, arms: np.ndarray
) -> Dict[str, np.ndarray]:
    """Frame of each part in camera axes.

    Args:
        trunk: (6,) the chest's bend forward and lean to the left; the head's tilt in
            the image and turn to the left; the whole body's turn to the left and roll
            in the image.
        legs: (2, 3) hip, spread and knee of right and left.
        arms: (2, 4) shoulder, raised, roll and elbow of right and left.  Hip and
            shoulder swing forward, spread and raised move away from the body, roll
            turns the forearm inward.
    """
    bend, lean, tilt, turn, yaw, roll = trunk
    face_camera = np.diag([1.0, -1.0, -1.0])
    pelvis = rotation(2, roll) @ face_camera @ rotation(1, yaw)
    chest = pelvis @ rotation(0, bend) @ rotation(2, -lean)
    # MPII measures the head in the image, where it must have its full length even if
    # the person bends down.
    head = rotation(2, roll + tilt) @ face_camera @ rotation(1, yaw + turn)
    frames = {"pelvis": pelvis, "chest": chest, "head": head}
    for (side, sign), leg, arm in zip(SIDES.items(), legs, arms):
        hip, spread, knee = leg
        shoulder, raised, inward, elbow = arm
        thigh = pelvis @ rotation(2, sign * spread) @ rotation(0, -hip)
        upper_arm = chest @ rotation(2, sign * raised) @ rotation(0, -shoulder)
        upper_arm = upper_arm @ rotation(1, -sign * inward)
        frames[f"{side}_thigh"], frames[f"{side}_upper_arm"] = thigh, upper_arm
        frames[f"{side}_shin"] = thigh @ rotation(0, knee)
        frames[f"{side}_forearm"] = upper_arm @ rotation(0, -elbow)
    return frames
