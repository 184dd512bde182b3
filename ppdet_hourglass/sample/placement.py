"""Where people stand in a picture and how large; pictures are (width, height)."""

from typing import Tuple

import numpy as np

from .person import Person
from .skeleton import INDEX
from .style import SceneStyle

#: Room around the joints for hands, feet and hair, in statures.
_MARGIN = 0.05


def inside(joints: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """Which joints (K, 2), 0-based pixels, lie in a picture of size `frame` (2,)."""
    return ((joints >= 0) & (joints <= frame - 1)).all(axis=1)


def place_main(
    rng: np.random.Generator,
    person: Person,
    frame: np.ndarray,
    size: int,
    style: SceneStyle,
) -> Person:
    """Put the picture's main person inside, or now and then over an edge."""
    low, high = person.joints.min(axis=0) - _MARGIN, person.joints.max(axis=0) + _MARGIN
    unit = min(size * rng.uniform(*style.stature), float((frame / (high - low)).min()))
    low, high = unit * low, unit * high
    origin = rng.random(2) * (frame - (high - low)) - low
    if rng.random() >= style.truncated_share:
        return person.placed(unit, origin)
    cut = person.placed(unit, _over_an_edge(rng, origin, low, high, frame, style))
    head = cut.joints[[INDEX["upper_neck"], INDEX["head_top"]]]
    return cut if inside(head, frame).all() else person.placed(unit, origin)


def _over_an_edge(
    rng: np.random.Generator,
    origin: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    frame: np.ndarray,
    style: SceneStyle,
) -> np.ndarray:
    """`origin` moved so that the box reaches over the lower, left or right edge.

    The box of a person at `origin` (2,) goes from origin + low to origin + high.
    """
    beyond = style.truncation * rng.random() * (high - low)
    moved = origin.copy()
    edge = rng.choice(("bottom", "bottom", "left", "right"))
    if edge == "bottom":
        moved[1] = frame[1] - high[1] + beyond[1]
    elif edge == "left":
        moved[0] = -low[0] - beyond[0]
    else:
        moved[0] = frame[0] - high[0] + beyond[0]
    return moved


def place_aside(
    rng: np.random.Generator,
    person: Person,
    main: Person,
    relative: Tuple[float, float],
) -> Person:
    """Put somebody left or right of `main`, their feet on about the same ground."""
    unit = main.skeleton.unit * rng.uniform(*relative)
    taken_low, taken_high = main.joints.min(axis=0), main.joints.max(axis=0)
    low, high = unit * person.joints.min(axis=0), unit * person.joints.max(axis=0)
    gap = rng.uniform(-0.05, 0.15) * main.skeleton.unit
    if rng.random() < 0.5:
        x = taken_high[0] + gap - low[0]
    else:
        x = taken_low[0] - gap - high[0]
    y = taken_high[1] - high[1] + rng.uniform(-0.1, 0.03) * main.skeleton.unit
    return person.placed(unit, np.array([x, y]))
