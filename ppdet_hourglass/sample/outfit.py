"""What a person wears and looks like.

Nothing here differs between left and right: a mirrored picture must stay a
possible picture, so that sides can only be told by the body itself.
"""

from dataclasses import dataclass
from typing import Sequence, Tuple, TypeVar

import numpy as np

from .shapes import Colour

T = TypeVar("T")

#: BGR, from light to dark.
SKIN: Tuple[Colour, ...] = (
    (190, 208, 245),
    (165, 190, 235),
    (140, 172, 222),
    (112, 146, 204),
    (82, 114, 172),
    (58, 84, 134),
    (44, 62, 100),
)
HAIR: Tuple[Colour, ...] = (
    (22, 22, 26),
    (28, 38, 58),
    (36, 58, 96),
    (70, 130, 190),
    (120, 180, 215),
    (150, 150, 155),
    (30, 60, 140),
)


@dataclass(frozen=True)
class Outfit:
    """Colours (BGR) and cuts; `sleeve` and `leg` are covered bones: 0, 1 or 2."""

    skin: Colour
    hair: Colour
    shirt: Colour
    accent: Colour
    trousers: Colour
    shoes: Colour
    belt: Colour
    sleeve: int
    leg: int
    skirt: bool
    long_hair: bool
    backpack: bool
    pattern: str
    front: str
    girth: float


def sample_outfit(rng: np.random.Generator) -> Outfit:
    """Random clothes whose parts can be told apart."""
    shirt = _cloth(rng)
    trousers = _distinct(rng, shirt)
    skirt = bool(rng.random() < 0.12)
    return Outfit(
        skin=_pick(rng, SKIN),
        hair=_pick(rng, HAIR),
        shirt=shirt,
        accent=_distinct(rng, shirt),
        trousers=trousers,
        shoes=_distinct(rng, trousers),
        belt=(30, 40, 60) if sum(trousers) > 250 else (110, 140, 170),
        sleeve=_pick(rng, (0, 1, 1, 2, 2)),
        leg=0 if skirt else _pick(rng, (1, 2, 2, 2)),
        skirt=skirt,
        long_hair=bool(rng.random() < 0.3),
        backpack=bool(rng.random() < 0.25),
        pattern=_pick(rng, ("plain", "plain", "stripes", "band", "yoke")),
        front=_pick(rng, ("zip", "buttons", "logo", "plain")),
        girth=min(max(rng.normal(1.0, 0.10), 0.82), 1.25),
    )


def _cloth(rng: np.random.Generator) -> Colour:
    """A colour of random hue, rather muted than garish."""
    dark, bright, third, greyness, turn = rng.random(5)
    low, high = 30 + 90 * dark, 110 + 125 * bright
    low = low + 0.6 * greyness * (high - low)
    channels = (low, high, low + third * (high - low))
    first = int(6 * turn)
    step = 1 if first < 3 else -1
    return tuple(channels[(first + step * offset) % 3] for offset in range(3))


def _pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    return options[int(rng.random() * len(options))]


def _distinct(rng: np.random.Generator, other: Colour) -> Colour:
    """The farthest of three random colours from `other`."""
    candidates = [_cloth(rng) for _ in range(3)]
    return max(candidates, key=lambda one: sum(abs(a - b) for a, b in zip(one, other)))
