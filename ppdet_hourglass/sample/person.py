"""A random person: pose, clothes, and the drawing as convex pieces around balls.

Letters: P points of the body.  Both sides wear the same clothes, because flip
augmentation requires that a mirrored image is possible too.  Face, open jacket and feet
tell front from back, and thereby left from right.
"""

from typing import Any, Dict, Iterable, List, NamedTuple

import cv2
import numpy as np
from numpy.random import Generator

from .skeleton import (
    INDEX,
    JOINTS,
    SIDES,
    BodyPose,
    frames,
    place_points,
    sample_offsets,
)

#: Canvas pixels per image pixel along each side.
ZOOM = 2
#: Sub-pixel bits of OpenCV's fixed-point drawing coordinates.
_SHIFT = 4
_TURN = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)

#: Ranges of (hip, spread, turnout, knee) in degrees, and their weights.
_LEGS = {
    ((-8, 12), (0, 14), (0, 25), (0, 12)): 0.46,  # straight
    ((12, 35), (0, 10), (0, 15), (0, 20)): 0.12,  # ahead
    ((-25, -6), (0, 10), (0, 15), (5, 60)): 0.12,  # behind
    ((-8, 15), (15, 40), (10, 40), (0, 30)): 0.10,  # aside
    ((40, 95), (0, 18), (0, 25), (30, 105)): 0.20,  # lifted or seated
}
#: Ranges of (shoulder, raised, roll, elbow) in degrees, and their weights.
_ARMS = {
    ((-28, 25), (4, 22), (0, 40), (4, 45)): 0.38,  # hanging
    ((-28, -10), (35, 55), (65, 90), (80, 110)): 0.14,  # hand on the hip
    ((-10, 25), (125, 172), (-60, 10), (0, 60)): 0.14,  # up
    ((-10, 30), (60, 105), (-90, 20), (0, 80)): 0.14,  # out
    ((45, 100), (0, 35), (0, 50), (5, 80)): 0.12,  # ahead
    ((-50, 60), (4, 20), (0, 40), (60, 105)): 0.08,  # bent, as in running
}
#: Standard deviations of lean, twist, nod, tilt and turn in degrees.
_TRUNK_SPREAD = np.array([4.0, 8.0, 8.0, 6.0, 16.0])


def palette(numbers: str) -> np.ndarray:
    """BGR colours (N, 3), 0 to 255, of N hexadecimal numbers RRGGBB."""
    return np.array([[*bytes.fromhex(one)][::-1] for one in numbers.split()], float)


_SKIN = palette("ffdfc8 f3c9a5 e3ac7f c68a5a 93603a 633f28")
_HAIR = palette("1d1b1b 33211a 7a3a1d e9c46a b9b8b6 b5482a")
CLOTH = palette(
    "e4572e f28f3b f2c14e f7e7ce 8cb369 4c956c 2a9d8f 5fa8d3 3a6ea5 27476e 6d597a "
    "b56576 d88c9a 8d99ae edf2f4 393e46"
)

#: Groups of pieces that share a rim: a bias in statures that moves the group nearer to
#: the camera, and each piece's colour, points and radii in stature / 1000.  A group
#: with * exists once per side.
_TABLE = [
    (-0.04, "shade thorax 32 chin 30"),
    (
        0.0,
        "jacket right_shoulder 30 left_shoulder 30 breast 75 right_waist 50 "
        "left_waist 50, shirt right_collar 12 left_collar 12 right_hem 12 left_hem 12",
    ),
    (0.0, "tail crown 60 nape 45"),
    (
        0.03,
        "hair crown 67, skin brow 50 chin 40, shade nose 11, dark right_eye 8.5, "
        "dark left_eye 8.5",
    ),
    (
        -0.07,
        "shoes *_ankle 24 *_toe 21, shin *_knee 36 *_ankle 25, "
        "trousers *_hip 54 *_knee 38, trousers *_hip 54 pelvis 45",
    ),
    (
        0.02,
        "skin *_wrist 20 *_finger 22, forearm *_elbow 27 *_wrist 22, "
        "upper_arm *_shoulder 34 *_elbow 28",
    ),
]
#: Width of the dark rim in statures, its least width in pixels, and its tone.
_RIM, _THINNEST_RIM, _RIM_TONE = 0.008, 0.7, 0.5
#: How much darker a group becomes per stature of distance behind the pelvis.
_FAR_DARKER = 1.3


class _Piece(NamedTuple):
    colour: str
    points: List[int]
    radii: np.ndarray


def _piece(text: str) -> _Piece:
    colour, *balls = text.split()
    points = [INDEX[name] for name in balls[::2]]
    return _Piece(colour, points, np.array(balls[1::2], float) / 1000)


_GROUPS = [
    (bias, [_piece(piece) for piece in text.replace("*", side).split(", ")])
    for bias, text in _TABLE
    for side in (SIDES if "*" in text else SIDES[:1])
]


class Person(NamedTuple):
    """A person with a pose and clothes.

    Attributes:
        points: (P, 3) in camera axes; pixels once the person is placed.
        outfit: BGR colour of each piece that is worn.
        unit: stature in the unit of ``points``.
    """

    points: np.ndarray
    outfit: Dict[str, np.ndarray]
    unit: float

    @property
    def joints(self) -> np.ndarray:
        """Joints (K, 2), in 0-based pixels once the person is placed."""
        return self.points[JOINTS, :2]

    def placed(self, unit: float, origin: np.ndarray) -> "Person":
        """The person ``unit`` times as large, then moved by ``origin`` (2,)."""
        shift = np.append(origin, 0.0)
        return self._replace(points=self.points * unit + shift, unit=self.unit * unit)


def pick(rng: Generator, options: Iterable, weights: Iterable = ()) -> Any:
    """Draw one of the options with probability in proportion to its weight.

    Without weights all options are equally likely.
    """
    options = list(options)
    chances = np.cumsum([*weights] or np.ones(len(options)))
    return options[int(np.searchsorted(chances, rng.random() * chances[-1], "right"))]


def sample_person(rng: Generator) -> Person:
    """Draw a person of stature 1 with the pelvis at the origin."""
    points = place_points(frames(sample_pose(rng)), sample_offsets(rng))
    return Person(points, _sample_outfit(rng), 1.0)


def sample_pose(rng: Generator) -> BodyPose:
    """Draw a random pose.

    In half of the poses both legs have the same ranges of angles; so have the arms.
    """
    legs, arms = (
        [pick(rng, table, table.values()) for _ in SIDES] for table in (_LEGS, _ARMS)
    )
    sides = [[*legs[0], *arms[0]], [*pick(rng, legs), *pick(rng, arms)]]
    limbs = rng.uniform(*np.moveaxis(np.array(sides, float), 2, 0)).T
    if rng.random() < 0.5:
        limbs = limbs[:, ::-1]
    bend = rng.uniform(*pick(rng, ((-4, 12), (30, 75)), (0.95, 0.05)))
    trunk = np.array([bend, *rng.normal(0.0, _TRUNK_SPREAD)])
    trunk[3] += 3.0 - 0.4 * bend  # people who bend down look ahead
    # Most people are seen from the front, some from the back or a side.
    yaw = rng.uniform(*pick(rng, ((0, 32), (150, 180), (35, 115)), (0.62, 0.12, 0.26)))
    roll = rng.normal(0.0, pick(rng, (6.0, 18.0), (0.92, 0.08)))
    view = np.array([yaw * pick(rng, (-1, 1)), rng.normal(4.0, 5.0), roll])
    return BodyPose(trunk, limbs, view)


def _sample_outfit(rng: Generator) -> Dict[str, np.ndarray]:
    """BGR colour of each piece; sleeves and trousers cover up to two bones."""
    skin, hair = pick(rng, _SKIN), pick(rng, _HAIR)
    cloths = CLOTH[rng.permutation(len(CLOTH))[:4]] + rng.normal(0.0, 8.0, (4, 3))
    jacket, shirt, trousers, shoes = cloths.clip(0, 255)
    sleeve, leg = pick(rng, (0, 1, 1, 2, 2)), pick(rng, (1, 2, 2, 2))
    outfit = {
        "skin": skin,
        "shade": 0.85 * skin,
        "dark": np.array([40.0, 35.0, 35.0]),
        "hair": hair,
        "jacket": jacket,
        "upper_arm": jacket if sleeve > 0 else skin,
        "forearm": jacket if sleeve > 1 else skin,
        "shirt": shirt,
        "trousers": trousers,
        "shin": trousers if leg > 1 else skin,
        "shoes": shoes,
    }
    return {**outfit, "tail": hair} if rng.random() < 0.35 else outfit


def draw_person(canvas: np.ndarray, person: Person) -> None:
    """Draw a placed person on a canvas (H, W, 3) in place, farthest group first."""
    depths = (person.points[:, 2] - person.points[INDEX["pelvis"], 2]) / person.unit
    layers = []
    for bias, pieces in _GROUPS:
        worn = [piece for piece in pieces if piece.colour in person.outfit]
        worn.sort(key=lambda piece: -depths[piece.points].mean())
        points = [point for piece in worn for point in piece.points]
        if worn:
            layers.append((depths[points].mean() - bias, worn))
    rim = max(_THINNEST_RIM, _RIM * person.unit)
    for depth, worn in sorted(layers, key=lambda layer: -layer[0]):
        tone = min(max(1.0 - _FAR_DARKER * depth, 0.72), 1.0)
        for wider, light in ((rim, _RIM_TONE * tone), (0.0, tone)):
            for colour, points, radii in worn:
                shape = outline(person.points[points, :2], person.unit * radii + wider)
                fill_shape(canvas, shape, light * person.outfit[colour])


def outline(centres: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Convex outline (M, 2) of circles with ``centres`` (B, 2) and ``radii`` (B,)."""
    circles = centres[:, None] + radii[:, None, None] * _CIRCLE
    return cv2.convexHull(circles.reshape(-1, 2).astype(np.float32))[:, 0]


def fill_shape(canvas: np.ndarray, shape: np.ndarray, colour: np.ndarray) -> None:
    """Fill a convex shape on a canvas, which changes.

    Args:
        canvas: (H, W, 3) uint8 BGR.
        shape: (M, 2) outline, 0-based pixels of the image.
        colour: (3,) BGR.
    """
    fixed = np.rint(((shape + 0.5) * ZOOM - 0.5) * (1 << _SHIFT)).astype(np.int32)
    cv2.fillConvexPoly(canvas, fixed, colour.tolist(), cv2.LINE_AA, _SHIFT)
