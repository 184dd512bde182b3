"""A random person: pose, positions in space, colours, and the drawing.

A frame is a (3, 3) matrix whose columns are a part's left, up and forward.  The camera
looks along +z, x points right and y down, so the left side of a person who faces the
camera is at +x.  Angles are in degrees, lengths in statures (200 px times MPII's
``scale``).

The drawing consists of convex pieces around balls.  Both sides have the same colours,
because flip augmentation requires that a mirrored image is possible too.  Face, open
jacket and feet tell front from back, and thereby left from right.
"""

from typing import Dict, NamedTuple, Tuple

import cv2
import numpy as np
from numpy.random import Generator

from ..keypoints.keypoint_set import read_keypoints

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

#: Ranges of each angle in degrees, and their weight.
Table = Dict[Tuple[Tuple[float, float], ...], float]

#: Bend, lean, tilt, turn, yaw and roll.
_TRUNKS: Table = {
    ((-4, 12), (-7, 7), (-10, 10), (-28, 28), (-32, 32), (-10, 10)): 0.54,  # front
    ((-4, 12), (-7, 7), (-10, 10), (-28, 28), (150, 210), (-10, 10)): 0.12,  # back
    ((-4, 12), (-7, 7), (-10, 10), (-28, 28), (35, 115), (-10, 10)): 0.12,  # side
    ((-4, 12), (-7, 7), (-10, 10), (-28, 28), (-115, -35), (-10, 10)): 0.12,  # side
    ((30, 75), (-7, 7), (-10, 10), (-28, 28), (-115, 115), (-10, 10)): 0.05,  # bent
    ((-4, 12), (-7, 7), (-10, 10), (-28, 28), (-32, 32), (-35, 35)): 0.05,  # oblique
}
#: Hip, spread and knee.
_LEGS: Table = {
    ((-8, 12), (0, 14), (0, 12)): 0.46,  # straight
    ((12, 35), (0, 10), (0, 20)): 0.12,  # ahead
    ((-25, -6), (0, 10), (5, 60)): 0.12,  # behind
    ((-8, 15), (15, 40), (0, 30)): 0.10,  # aside
    ((40, 95), (0, 18), (30, 105)): 0.20,  # lifted or seated
}
#: Shoulder, raised, roll and elbow.
_ARMS: Table = {
    ((-28, 25), (4, 22), (0, 40), (4, 45)): 0.38,  # hanging
    ((-28, -10), (35, 55), (65, 90), (80, 110)): 0.14,  # hand on the hip
    ((-10, 25), (125, 172), (-60, 10), (0, 60)): 0.14,  # up
    ((-10, 30), (60, 105), (-90, 20), (0, 80)): 0.14,  # out
    ((45, 100), (0, 35), (0, 50), (5, 80)): 0.12,  # ahead
    ((-50, 60), (4, 20), (0, 40), (60, 105)): 0.08,  # bent, as in running
}


def palette(numbers: str) -> np.ndarray:
    """BGR colours (N, 3), 0 to 255, of N hexadecimal numbers RRGGBB."""
    return np.array(
        [[*bytes.fromhex(number)][::-1] for number in numbers.split()], float
    )


_SKIN = palette("ffdfc8 f3c9a5 e3ac7f c68a5a 93603a 633f28")
_HAIR = palette("1d1b1b 33211a 7a3a1d e9c46a b9b8b6 b5482a")
CLOTH = palette("e4572e f2c14e f7e7ce 8cb369 2a9d8f 5fa8d3 27476e 6d597a b56576 393e46")

_CLOTHES = ("jacket", "shirt", "trousers", "shoes")
_SHOULDERS = {"right_shoulder": 30, "left_shoulder": 30}
#: Pieces: colour, how much nearer to the camera they count than they are, and radii of
#: balls around points, in stature / 1000.  * stands for both sides.
_PIECES = [
    ("skin", -40, {"thorax": 32, "chin": 30}),
    ("jacket", 0, {**_SHOULDERS, "breast": 75, "pelvis": 55}),
    ("shirt", 0, {"collar": 32, "hem": 32}),
    ("hair", 30, {"crown": 67}),
    ("skin", 30, {"brow": 50, "chin": 40}),
    ("skin", 30, {"nose": 11}),
    ("shoes", -70, {"*_ankle": 24, "*_toe": 21}),
    ("trousers", -70, {"*_knee": 36, "*_ankle": 25}),
    ("trousers", -70, {"*_hip": 54, "*_knee": 38}),
    ("skin", 20, {"*_wrist": 20, "*_finger": 22}),
    ("jacket", 20, {"*_elbow": 27, "*_wrist": 22}),
    ("jacket", 20, {"*_shoulder": 34, "*_elbow": 28}),
]
#: Width of the dark rim in statures, and its tone.
_RIM, _RIM_TONE = 0.008, 0.5
#: How much darker a piece becomes per stature of distance behind the pelvis.
_FAR_DARKER = 1.3

_TURN = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)
#: Fractional bits of positions passed to OpenCV.
_SHIFT = 4


class Person(NamedTuple):
    """A person with a pose and colours.

    Attributes:
        points: the body's points (3,) in camera axes; 0-based pixels once the person is
            placed.
        colours: BGR colour of each kind of piece.
        unit: stature in the unit of ``points``.
    """

    points: Dict[str, np.ndarray]
    colours: Dict[str, np.ndarray]
    unit: float

    @property
    def joints(self) -> np.ndarray:
        """MPII's joints (16, 2), in 0-based pixels once the person is placed."""
        return np.array([self.points[name][:2] for name in JOINT_NAMES])

    def place(self, unit: float, origin: np.ndarray) -> "Person":
        """The person ``unit`` times as large, then moved by ``origin`` (2,)."""
        shift = np.append(origin, 0.0)
        points = {name: unit * point + shift for name, point in self.points.items()}
        return Person(points, self.colours, unit * self.unit)


def sample_person(rng: Generator) -> Person:
    """Draw a person of stature 1 with the pelvis at the origin."""
    frames = pose_frames(*sample_pose(rng))
    colours = dict(zip(_CLOTHES, rng.permutation(CLOTH)))
    colours.update(skin=rng.choice(_SKIN), hair=rng.choice(_HAIR))
    return Person(place_points(frames, sample_lengths(rng)), colours, 1.0)


def sample_pose(rng: Generator) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw the angles of trunk, legs and arms that :func:`pose_frames` takes."""
    return _angles(rng, _TRUNKS)[0], _angles(rng, _LEGS), _angles(rng, _ARMS)


def _angles(rng: Generator, table: Table) -> np.ndarray:
    """Draw A angles of two sides (2, A), in half of the draws from the same ranges."""
    rows = rng.choice(len(table), 2, p=list(table.values()))
    ranges = np.array(list(table), float)[rows[[0, rng.integers(2)]]]
    return rng.uniform(ranges[..., 0], ranges[..., 1])


def draw_person(image: np.ndarray, person: Person) -> None:
    """Draw a placed person on an image (H, W, 3) in place, farthest piece first."""
    pieces = []
    for kind, nearer, balls in _PIECES:
        for side in SIDES if "*" in "".join(balls) else ["left"]:
            names = [name.replace("*", side) for name in balls]
            points = np.array([person.points[name] for name in names])
            depth = (points - person.points["pelvis"])[:, 2].mean() / person.unit
            radii = np.array(list(balls.values())) * person.unit / 1000
            pieces.append((depth - nearer / 1000, kind, points[:, :2], radii))
    for depth, kind, centres, radii in sorted(pieces, key=lambda piece: -piece[0]):
        colour = person.colours[kind] * np.clip(1.0 - _FAR_DARKER * depth, 0.72, 1.0)
        fill_outline(image, centres, radii + _RIM * person.unit, colour * _RIM_TONE)
        fill_outline(image, centres, radii, colour)


def fill_outline(
    image: np.ndarray, centres: np.ndarray, radii: np.ndarray, colour: np.ndarray
) -> None:
    """Fill the convex outline of circles on an image (H, W, 3) BGR, in place.

    ``centres`` (B, 2) are 0-based pixels, ``radii`` (B,) pixels, ``colour`` (3,) BGR.
    """
    circles = centres[:, None] + radii[:, None, None] * _CIRCLE
    fixed = np.rint(circles.reshape(-1, 2) * 2**_SHIFT).astype(np.int32)
    outline = cv2.convexHull(fixed)
    cv2.fillConvexPoly(image, outline, colour.tolist(), cv2.LINE_AA, _SHIFT)


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
