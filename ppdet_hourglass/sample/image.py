"""A whole sample image: background, people, things in front, and annotations.

Letters: K joints.  Positions are 0-based pixels, but 1-based in annotations.  ``frame``
is (width, height) of the image in pixels.
"""

from typing import List, Optional, Tuple

import numpy as np
from numpy.random import Generator

from ..data.crop import PIXELS_PER_SCALE
from ..data.mpii.release import Rectangle
from .person import (
    CLOTH,
    JOINT_NAMES,
    Person,
    draw_person,
    fill_outline,
    palette,
    sample_person,
)

#: Ranges of an image's width and height and of its main person's stature, pixels.
_SIDE, _STATURE = (218, 308), (108, 230)
#: Room around the joints for hands, feet and hair, in statures.
_MARGIN = 0.05
#: Share of people who may extend over a border, and by how much of their box at most.
_CUT_SHARE, _DEEPEST_CUT = 0.20, 0.30
#: Share of images in which something hides a part of the main person.
_OCCLUDED_SHARE = 0.10
#: Share of images with a second person; ranges of that person's size relative to the
#: main person's, and of the distance between the two in the main person's statures.
_SECOND_SHARE, _SECOND_SIZE, _DISTANCE = 0.14, (0.60, 1.10), (0.35, 0.70)
#: Highest number of things in the background.
_CLUTTER = 7
#: Fewest joints inside the image, both of the head among them, for an annotation.
_FEWEST_JOINTS = 8
_HEAD = [JOINT_NAMES.index("upper_neck"), JOINT_NAMES.index("head_top")]
#: MPII's ``center`` lies above the middle of the joints' box and scatters around it,
#: in statures (mpii_train.json: 0.030; 0.059 and 0.064).
_CENTRE_RISE, _CENTRE_SPREAD = 0.030, 0.055
#: Half width and height of the head box, in statures: its diagonal is 1.25 times the
#: head's length, its width 0.78 times its height (medians of mpii_gt_val.mat).
_HALF_BOX = 1.25 / 6 / 2 * np.array([0.78, 1.0]) / np.hypot(0.78, 1.0)
_WALL = palette("dfe7ea e8e4d9 f3dfc9 c9d8e2 d9cbd3 c8b8a6 b3b8a3 8f9a94 9fb4c7 7d8a97")


def sample_image(rng: Generator) -> Tuple[np.ndarray, List[Rectangle]]:
    """Draw an image with one or two people.

    Returns:
        The image (H, W, 3) uint8 BGR and the annotations of its people.
    """
    frame = rng.integers(*_SIDE, 2)
    main = place_main(rng, sample_person(rng), frame)
    people = [main]
    if rng.random() < _SECOND_SHARE:
        people.insert(0, place_aside(rng, sample_person(rng), main))
    image = _background(rng, frame, main)
    for person in people:
        draw_person(image, person)
    if rng.random() < _OCCLUDED_SHARE:
        target = rng.choice(main.joints) + rng.normal(0.0, 0.05, 2) * main.unit
        _draw_thing(rng, image, target, main.unit * rng.uniform(0.03, 0.06))
    annotations = [annotate(rng, person, frame) for person in people]
    return image, [found for found in annotations if found is not None]


def _background(rng: Generator, frame: np.ndarray, main: Person) -> np.ndarray:
    """An image with a wall, things in front of it, and the ground under ``main``."""
    image = np.empty((frame[1], frame[0], 3), np.uint8)
    image[:] = rng.choice(_WALL)
    for _ in range(rng.integers(_CLUTTER + 1)):
        radius = frame[1] * rng.uniform(0.02, 0.12)
        _draw_thing(rng, image, rng.random(2) * frame, radius)
    horizon = main.joints[:, 1].max() - main.unit * rng.uniform(0.03, 0.35)
    image[max(0, int(horizon)) :] = rng.choice(_WALL)
    return image


def _draw_thing(
    rng: Generator, image: np.ndarray, middle: np.ndarray, radius: float
) -> None:
    """Draw a ball, post or rail around ``middle`` (2,)."""
    reach = radius * rng.uniform(0.0, 5.0) * rng.choice(np.eye(2))
    ends = np.array([middle - reach, middle + reach])
    colour = (rng.choice(CLOTH) + rng.choice(_WALL)) / 2
    fill_outline(image, ends, np.full(2, radius), colour)


def place_main(rng: Generator, person: Person, frame: np.ndarray) -> Person:
    """Place a person of stature 1 in the image; some extend over a border.

    The border is the left, the right or the lower one; the head stays inside.
    """
    low, high = person.joints.min(axis=0) - _MARGIN, person.joints.max(axis=0) + _MARGIN
    unit = min(rng.uniform(*_STATURE), (frame / (high - low)).min())
    size = unit * (high - low)
    beyond = size * _DEEPEST_CUT * (rng.random() < _CUT_SHARE)
    corner = rng.random(2) * (frame - size + beyond * (2, 1)) - beyond * (1, 0)
    placed = person.place(unit, corner - unit * low)
    head = placed.joints[_HEAD]
    before, after = (-head).max(axis=0), (head - frame + 1).max(axis=0)
    return placed.place(1.0, before.clip(0) - after.clip(0))


def place_aside(rng: Generator, person: Person, main: Person) -> Person:
    """Place a person of stature 1 beside ``main``, on the same ground."""
    unit = main.unit * rng.uniform(*_SECOND_SIZE)
    aside = rng.choice([-1, 1]) * rng.uniform(*_DISTANCE) * main.unit
    below = main.joints[:, 1].max() - unit * person.joints[:, 1].max()
    return person.place(unit, np.array([main.points["pelvis"][0] + aside, below]))


def annotate(rng: Generator, person: Person, frame: np.ndarray) -> Optional[Rectangle]:
    """Annotate a placed person, in 1-based pixels.

    As in MPII, hidden joints are annotated too.

    Returns:
        The annotation, None if too little of the person is inside the image.
    """
    inside = ((person.joints >= 0) & (person.joints <= frame - 1)).all(axis=1)
    if not inside[_HEAD].all() or inside.sum() < _FEWEST_JOINTS:
        return None
    joints = np.where(inside[:, None], person.joints + 1.0, np.nan)
    middle = (np.nanmin(joints, axis=0) + np.nanmax(joints, axis=0)) / 2
    scatter = _CENTRE_SPREAD * rng.normal(size=2).clip(-2.0, 2.0)
    head, half = joints[_HEAD].mean(axis=0), person.unit * _HALF_BOX
    return Rectangle(
        number=1,
        center=middle + person.unit * (scatter - (0.0, _CENTRE_RISE)),
        scale=person.unit / PIXELS_PER_SCALE,
        joints=joints,
        head_box=np.concatenate([head - half, head + half]),
        repeated=0,
    )
