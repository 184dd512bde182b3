"""A whole sample image: background, people, things in front, and annotations.

Positions are 0-based pixels, but 1-based in annotations.  ``frame`` is (width, height)
of the image in pixels.
"""

from typing import List, Optional, Tuple

import cv2
import numpy as np
from numpy.random import Generator

from ..data.crop import PIXELS_PER_SCALE
from ..data.mpii.release import Rectangle
from .person import (
    CLOTH,
    ZOOM,
    Person,
    draw_person,
    fill_shape,
    outline,
    palette,
    pick,
    sample_person,
)
from .skeleton import JOINT_NAMES

#: Ranges of an image's width and height, and of its main person's stature, relative to
#: the nominal side.
_SIDE, _STATURE = (0.85, 1.20), (0.42, 0.90)
#: Room around the joints for hands, feet and hair, in statures.
_MARGIN = 0.05
#: Share of people who may extend over a border, and by how much of their box at most.
CUT_SHARE, _DEEPEST_CUT = 0.20, 0.30
#: Share of images in which something hides a part of the main person.
OCCLUDED_SHARE = 0.10
#: Share of images with a second person, range of that person's size relative to the
#: main person's, and the smallest relative size that is annotated.
SECOND_SHARE, _SECOND_SIZE, _LEAST_SIZE = 0.14, (0.45, 1.10), 0.80
#: Highest number of shapes in the background.
_CLUTTER = 7
#: Fewest joints inside the image, both of the head among them, for an annotation.
_FEWEST_JOINTS = 8
_HEAD = [JOINT_NAMES.index("upper_neck"), JOINT_NAMES.index("head_top")]
#: MPII's ``center`` lies above the middle of the joints' box and scatters around it,
#: in statures (mpii_train.json: 0.030; 0.059 and 0.064).
_CENTRE_RISE, _CENTRE_SPREAD = 0.030, 0.055
#: MPII's head boxes: diagonal / distance from neck to head top, and width / height; the
#: two joints are symmetric about the box's middle (medians of mpii_gt_val.mat).
_BOX_DIAGONAL, _BOX_SHAPE = 1.25, 0.78
_WALL = palette(
    "dfe7ea e8e4d9 f3dfc9 d5dfcf c9d8e2 bfc9cf d9cbd3 c8b8a6 b3b8a3 a8b5bd 8f9a94 "
    "f0ead6 9fb4c7 cdb99c 7d8a97"
)


def sample_picture(rng: Generator, size: int) -> Tuple[np.ndarray, List[Rectangle]]:
    """Draw an image with one or two people.

    Args:
        rng: random numbers.
        size: approximate side of the image, pixels.

    Returns:
        The image (H, W, 3) uint8 BGR and the annotations of its people.
    """
    frame = np.rint(size * rng.uniform(*_SIDE, 2))
    main = place_main(rng, sample_person(rng), frame, size)
    people = [main]
    if rng.random() < SECOND_SHARE:
        people.insert(0, place_aside(rng, sample_person(rng), main))
    canvas = _background(rng, frame, main)
    for person in people:
        draw_person(canvas, person)
    if rng.random() < OCCLUDED_SHARE:
        target = pick(rng, main.joints) + rng.normal(0.0, 0.05, 2) * main.unit
        _draw_thing(rng, canvas, target, main.unit * rng.uniform(0.03, 0.06))
    picture = cv2.resize(canvas, tuple(frame.astype(int)), interpolation=cv2.INTER_AREA)
    large = [one for one in people if one.unit >= _LEAST_SIZE * main.unit]
    annotations = [annotate(rng, person, frame) for person in large]
    return picture, [one for one in annotations if one is not None]


def _background(rng: Generator, frame: np.ndarray, main: Person) -> np.ndarray:
    """A canvas with a wall, things in front of it, and the ground under ``main``."""
    wall = np.array([[pick(rng, _WALL)], [pick(rng, _WALL)]]).astype(np.uint8)
    size = tuple((ZOOM * frame).astype(int))
    canvas = cv2.resize(wall, size, interpolation=cv2.INTER_LINEAR)
    for _ in range(int(rng.integers(_CLUTTER + 1))):
        radius = frame[1] * rng.uniform(0.02, 0.12)
        _draw_thing(rng, canvas, rng.random(2) * frame, radius)
    horizon = main.joints[:, 1].max() - main.unit * rng.uniform(0.03, 0.35)
    canvas[max(0, int(ZOOM * horizon)) :] = pick(rng, _WALL)
    return canvas


def _draw_thing(
    rng: Generator, canvas: np.ndarray, middle: np.ndarray, radius: float
) -> None:
    """Draw a ball, post or rail around ``middle`` (2,)."""
    reach = radius * rng.uniform(0.0, 5.0) * pick(rng, np.eye(2))
    shape = outline(np.array([middle - reach, middle + reach]), np.full(2, radius))
    fill_shape(canvas, shape, (pick(rng, CLOTH) + pick(rng, _WALL)) / 2)


def inside(joints: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """Mask (K,) of the joints (K, 2) inside the image."""
    return ((joints >= 0) & (joints <= frame - 1)).all(axis=1)


def place_main(rng: Generator, person: Person, frame: np.ndarray, size: int) -> Person:
    """Place the main person in the image; some extend over a border, except the head.

    Args:
        rng: random numbers.
        person: person of stature 1.
        frame: (2,) width and height of the image, pixels.
        size: nominal side of the image, pixels.
    """
    low, high = person.joints.min(axis=0) - _MARGIN, person.joints.max(axis=0) + _MARGIN
    unit = min(size * rng.uniform(*_STATURE), float((frame / (high - low)).min()))
    beyond = _DEEPEST_CUT * unit * (high - low) * (rng.random() < CUT_SHARE)
    # The person may extend over the left, the right or the lower border.
    room = frame - unit * (high - low) + beyond * (2, 1)
    placed = person.placed(unit, rng.random(2) * room - beyond * (1, 0) - unit * low)
    head = placed.joints[_HEAD]
    before, after = (-head).max(axis=0), (head - frame + 1).max(axis=0)
    return placed.placed(1.0, before.clip(0) - after.clip(0))


def place_aside(rng: Generator, person: Person, main: Person) -> Person:
    """Place a person of stature 1 beside ``main``, on about the same ground."""
    unit = main.unit * rng.uniform(*_SECOND_SIZE)
    left, right = main.joints[:, 0].min(), main.joints[:, 0].max()
    low, high = unit * person.joints.min(axis=0), unit * person.joints.max(axis=0)
    gap = rng.uniform(-0.05, 0.15) * main.unit
    x = pick(rng, (right + gap - low[0], left - gap - high[0]))
    ground = main.joints[:, 1].max() + rng.uniform(-0.1, 0.03) * main.unit
    return person.placed(unit, np.array([x, ground - high[1]]))


def annotate(rng: Generator, person: Person, frame: np.ndarray) -> Optional[Rectangle]:
    """Annotate a placed person, in 1-based pixels.

    As in MPII, hidden joints are annotated too.

    Returns:
        The annotation, None if too little of the person is inside the image.
    """
    seen = inside(person.joints, frame)
    if not seen[_HEAD].all() or seen.sum() < _FEWEST_JOINTS:
        return None
    joints = np.where(seen[:, None], person.joints + 1.0, np.nan)
    middle = (np.nanmin(joints, axis=0) + np.nanmax(joints, axis=0)) / 2
    scatter = _CENTRE_SPREAD * rng.normal(size=2).clip(-2.0, 2.0)
    return Rectangle(
        number=1,
        center=middle + person.unit * (scatter - (0.0, _CENTRE_RISE)),
        scale=person.unit / PIXELS_PER_SCALE,
        joints=joints,
        head_box=head_box(*person.joints[_HEAD]) + 1.0,
        repeated=0,
    )


def head_box(neck: np.ndarray, top: np.ndarray) -> np.ndarray:
    """Head box (4,), x1, y1, x2, y2, of an upper neck (2,) and a head top (2,)."""
    shape = np.array([_BOX_SHAPE, 1.0])
    # The box of a head that lies on its side is wider than high.
    if abs(top[0] - neck[0]) > abs(top[1] - neck[1]):
        shape = shape[::-1]
    half = _BOX_DIAGONAL / 2 * np.linalg.norm(top - neck) * shape / np.hypot(*shape)
    return np.concatenate([(neck + top) / 2 - half, (neck + top) / 2 + half])
