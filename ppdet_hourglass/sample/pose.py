"""Poses as joint angles, drawn from families such as walking or sitting."""

from dataclasses import dataclass, fields
from typing import Dict, Tuple

import numpy as np

from .families import FAMILIES, RELAXED_LIMB, RELAXED_TRUNK, Family, Ranges


@dataclass(frozen=True)
class Trunk:
    """Degrees: bend forward, lean and twist to the left; the head likewise."""

    bend: float
    lean: float
    twist: float
    nod: float
    tilt: float
    turn: float


@dataclass(frozen=True)
class Limb:
    """Angles of one arm and one leg, degrees, the same sign on either side.

    hip and shoulder swing forward, spread and raised go away from the body,
    turnout turns the whole leg outward, roll the forearm inward; knee and elbow
    bend the only way they can.
    """

    hip: float
    spread: float
    turnout: float
    knee: float
    shoulder: float
    raised: float
    roll: float
    elbow: float


@dataclass(frozen=True)
class Pose:
    """One body pose; `tumble` is its rotation in the picture plane, degrees."""

    family: str
    trunk: Trunk
    right: Limb
    left: Limb
    tumble: float


#: What a healthy joint can do, degrees.
LIMITS: Dict[str, Tuple[float, float]] = {
    "bend": (-25, 100),
    "lean": (-30, 30),
    "twist": (-35, 35),
    "nod": (-60, 35),
    "tilt": (-25, 25),
    "turn": (-60, 60),
    "hip": (-35, 120),
    "spread": (-8, 75),
    "turnout": (-15, 60),
    "knee": (0, 140),
    "shoulder": (-55, 180),
    "raised": (-25, 178),
    "roll": (-100, 100),
    "elbow": (0, 145),
}

_TRUNK = tuple(field.name for field in fields(Trunk))
_LIMB = tuple(field.name for field in fields(Limb))


def _bounds(names: Tuple[str, ...], ranges: Ranges, rest: Ranges) -> np.ndarray:
    """Lowest and highest angle per name, shape (2, len(names))."""
    unknown = set(ranges) - set(names)
    assert not unknown, f"a pose family names unknown angles {sorted(unknown)}"
    return np.array([ranges.get(name, rest[name]) for name in names], float).T


_LIMB_LIMITS = np.array([LIMITS[name] for name in _LIMB], float).T
_TRUNK_LIMITS = np.array([LIMITS[name] for name in _TRUNK], float).T
_WEIGHTS = np.array([family.weight for family in FAMILIES.values()])
_CUMULATED = np.cumsum(_WEIGHTS) / _WEIGHTS.sum()
_NAMES = tuple(FAMILIES)
_BOUNDS = {
    name: (
        _bounds(_TRUNK, family.trunk, RELAXED_TRUNK),
        _bounds(_LIMB, family.lead, RELAXED_LIMB),
        _bounds(_LIMB, family.trail, RELAXED_LIMB),
    )
    for name, family in FAMILIES.items()
}


def sample_pose(rng: np.random.Generator, noise: float) -> Pose:
    """A random pose; `noise` degrees are the spread added to each angle."""
    name = _NAMES[int(np.searchsorted(_CUMULATED, rng.random(), side="right"))]
    family: Family = FAMILIES[name]
    trunk_bounds, lead_bounds, trail_bounds = _BOUNDS[name]
    trunk = _angles(rng, trunk_bounds, _TRUNK_LIMITS, noise)
    limbs = [
        Limb(*_angles(rng, bounds, _LIMB_LIMITS, noise))
        for bounds in (lead_bounds, trail_bounds)
    ]
    if rng.random() < 0.5:
        limbs.reverse()
    tumble = rng.uniform(*family.tumble)
    if rng.random() < 0.5:
        tumble = -tumble
    return Pose(name, Trunk(*trunk), limbs[0], limbs[1], float(tumble))


def _angles(
    rng: np.random.Generator, bounds: np.ndarray, limits: np.ndarray, noise: float
) -> np.ndarray:
    """Angles within `bounds` (2, A) and, noise included, within `limits` (2, A)."""
    wanted = rng.uniform(bounds[0], bounds[1]) + rng.normal(0.0, noise, bounds.shape[1])
    return np.minimum(np.maximum(wanted, limits[0]), limits[1])
