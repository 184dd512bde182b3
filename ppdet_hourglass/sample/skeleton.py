"""Positions of a body's points by forward kinematics on arrays.

Letters: P points of the body, F rigid parts, K = 16 joints of MPII.  A frame is a
(3, 3) matrix whose columns are a part's left, up and forward.  The camera looks along
+z, x points right and y down, so the left side of a person who faces the camera is at
+x.  Angles are in degrees, lengths in statures (200 px times MPII's ``scale``).
"""

from typing import NamedTuple, Tuple

import numpy as np
from numpy.random import Generator

from ..keypoints.keypoint_file import read_keypoints

JOINT_NAMES: Tuple[str, ...] = read_keypoints("mpii").joints
SIDES = ("right", "left")
_SIGNS = np.array([-1.0, 1.0])
#: Distance from neck to head top; fixed, because MPII derives ``scale`` from the head.
HEAD_LENGTH = 1.0 / 6.0

#: Point, its parent, the part that it belongs to, and its (left, up, forward) offset
#: from the parent.  * stands for left, and for right with the first number negated.
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
    ("*_waist", "pelvis", "chest", (0.036, 0.055, 0.0)),
    ("*_collar", "thorax", "chest", (0.030, -0.005, 0.050)),
    ("*_hem", "pelvis", "chest", (0.030, 0.035, 0.060)),
    ("crown", "upper_neck", "head", (0.0, 0.099, -0.010)),
    ("nape", "upper_neck", "head", (0.0, 0.0, -0.085)),
    ("brow", "upper_neck", "head", (0.0, 0.086, 0.020)),
    ("chin", "upper_neck", "head", (0.0, 0.043, 0.026)),
    ("nose", "upper_neck", "head", (0.0, 0.063, 0.078)),
    ("*_eye", "upper_neck", "head", (0.024, 0.078, 0.066)),
]
#: Parts in the order of :func:`frames`.
_PARTS = ["pelvis", "chest", "head"] + [
    f"{side}_{part}"
    for part in ("thigh", "shin", "upper_arm", "forearm")
    for side in SIDES
]
#: Relative standard deviations: of one bone, and of the whole body to the head.
_BONE_SPREAD, _BODY_SPREAD = 0.04, 0.06

_POINTS = {
    name.replace("*", side): (bone, parent.replace("*", side), part.replace("*", side))
    for side in SIDES
    for bone, (name, parent, part, _) in enumerate(_BODY)
}
INDEX = {name: row for row, name in enumerate(_POINTS)}
JOINTS = np.array([INDEX[name] for name in JOINT_NAMES])
_BONE = np.array([bone for bone, _, _ in _POINTS.values()])
_PART = np.array([_PARTS.index(part) for _, _, part in _POINTS.values()])
#: (P, 3) offsets of an average body's points from their parents.
OFFSETS = np.array([_BODY[bone][3] for bone in _BONE])
OFFSETS[[name.startswith("right") for name in _POINTS], 0] *= -1.0
#: (P, P), 1 where the column is the row's point or one of its ancestors.
_CHAINS = np.eye(len(_POINTS))
for _row, (_, _parent, _) in enumerate(_POINTS.values()):
    if _parent:
        _CHAINS[_row] += _CHAINS[INDEX[_parent]]


class BodyPose(NamedTuple):
    """Joint angles and the camera's view of the body, in degrees.

    Attributes:
        trunk: (6,) bend forward, lean and twist to the left; the head's nod, tilt and
            turn.
        limbs: (8, 2) right and left; rows hip, spread, turnout, knee, shoulder, raised,
            roll, elbow.  Hip and shoulder swing forward, spread and raised move away
            from the body, turnout turns the leg outward, roll the forearm inward.
        view: (3,) turn to the person's left, pitch, roll in the image.
    """

    trunk: np.ndarray
    limbs: np.ndarray
    view: np.ndarray


def rotation(axis: int, degrees: np.ndarray) -> np.ndarray:
    """Right-handed rotations about an axis.

    Args:
        axis: 0 (left), 1 (up) or 2 (forward).
        degrees: (...) angles.

    Returns:
        (..., 3, 3) matrices.
    """
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.zeros((*np.shape(degrees), 3, 3))
    matrix[..., axis, axis] = 1.0
    matrix[..., first, first] = matrix[..., second, second] = cos
    matrix[..., first, second], matrix[..., second, first] = -sin, sin
    return matrix


def frames(pose: BodyPose) -> np.ndarray:
    """Frames (F, 3, 3) of the parts in camera axes, in the order of ``_PARTS``."""
    bend, lean, twist, nod, tilt, turn = pose.trunk
    hip, spread, turnout, knee, shoulder, raised, roll, elbow = pose.limbs
    yaw, pitch, tip = pose.view
    face_camera = np.diag([1.0, -1.0, -1.0])
    pelvis = rotation(2, tip) @ face_camera @ rotation(0, pitch) @ rotation(1, yaw)
    chest = pelvis @ rotation(0, bend) @ rotation(2, -lean) @ rotation(1, twist)
    head = chest @ rotation(0, nod) @ rotation(2, -tilt) @ rotation(1, turn)
    leg = pelvis @ rotation(1, _SIGNS * turnout) @ rotation(2, _SIGNS * spread)
    thigh = leg @ rotation(0, -hip)
    arm = chest @ rotation(2, _SIGNS * raised) @ rotation(0, -shoulder)
    arm = arm @ rotation(1, -_SIGNS * roll)
    limbs = [thigh, thigh @ rotation(0, knee), arm, arm @ rotation(0, -elbow)]
    return np.concatenate([[pelvis, chest, _upright(head, chest)], *limbs])


def _upright(head: np.ndarray, chest: np.ndarray) -> np.ndarray:
    """The head's frame with its up axis in the image plane.

    MPII measures the head by its box in the image, so the head must have its full
    length there even if the neck is bent.
    """
    up = (head + 0.3 * chest)[:, 1] * (1.0, 1.0, 0.0)
    up = up / np.linalg.norm(up)
    forward = head[:, 2] - up * (head[:, 2] @ up)
    forward = forward / np.linalg.norm(forward)
    return np.stack([np.cross(up, forward), up, forward], axis=1)


def place_points(frames: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Points (P, 3) in camera axes from ``frames`` (F, 3, 3) and ``offsets`` (P, 3)."""
    return _CHAINS @ np.einsum("pij,pj->pi", frames[_PART], offsets)


def sample_offsets(rng: Generator) -> np.ndarray:
    """Draw a body's offsets (P, 3): both sides vary equally, the head does not vary."""
    deviations = rng.normal(size=1 + len(_BODY)).clip(-2.0, 2.0)
    bones = (1.0 + _BODY_SPREAD * deviations[0]) * (1.0 + _BONE_SPREAD * deviations[1:])
    return OFFSETS * np.where(_PART == 2, 1.0, bones[_BONE])[:, None]
