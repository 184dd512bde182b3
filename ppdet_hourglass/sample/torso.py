"""The trunk: elliptic rings along the spine, so that it looks right from any side."""

import numpy as np

from .outfit import Outfit
from .shapes import Colour, disc, fill, grown, hull, line, shade
from .skeleton import Skeleton

#: Along the spine, 0 at the pelvis and 1 at the thorax: half width, half depth
#: of the ring in statures.
_LEVELS = np.array([-0.14, 0.08, 0.45, 0.80, 0.97, 1.10])
_WIDTHS = np.array([0.088, 0.086, 0.078, 0.096, 0.094, 0.042])
_DEPTHS = np.array([0.060, 0.062, 0.056, 0.064, 0.052, 0.036])
_BELT = (0.03, 0.11)
#: Rings that bodies are made of, from the lowest to the highest level.
_GRID = np.linspace(_LEVELS[0], _LEVELS[-1], 32)
_RING = np.arange(0.0, 360.0, 30.0)
_RING_LEVELS, _RING_ANGLES = (
    grid.ravel() for grid in np.meshgrid(_GRID, _RING, indexing="ij")
)


class Torso:
    """Points on the trunk's surface; angle 0 is the front, 90 the left, degrees."""

    def __init__(self, skeleton: Skeleton, girth: float) -> None:
        self._pelvis = skeleton.point("pelvis")[:2]
        self._spine = skeleton.point("thorax")[:2] - self._pelvis
        self._size = skeleton.unit * girth
        pelvis, chest = skeleton.pelvis[:2].T, skeleton.chest[:2].T
        self._axes = np.stack([pelvis[0], pelvis[2], chest[0], chest[2]])
        rings = self.points(_RING_LEVELS, _RING_ANGLES)
        self._rings = rings.reshape(len(_GRID), len(_RING), 2)
        self.unit = skeleton.unit
        #: 1 if the chest faces the camera, -1 if the back does.
        self.facing = -float(skeleton.chest[2, 2])

    def points(
        self, levels: np.ndarray, angles: np.ndarray, bulge: float = 1.0
    ) -> np.ndarray:
        """Picture positions (N, 2) at `levels`, `angles` (N,) and `bulge` radii out."""
        radians = np.radians(angles)
        width = np.interp(levels, _LEVELS, _WIDTHS) * np.sin(radians)
        deep = np.interp(levels, _LEVELS, _DEPTHS) * np.cos(radians)
        upper = np.minimum(np.maximum(levels, 0.0), 1.0)
        lower = 1.0 - upper
        weights = np.stack([width * lower, deep * lower, width * upper, deep * upper])
        around = (bulge * self._size * weights).T @ self._axes
        return self._pelvis + np.outer(levels, self._spine) + around

    def body(self, low: float, high: float) -> np.ndarray:
        """Convex outline (M, 2) of the trunk between two levels."""
        start, stop = np.searchsorted(_GRID, (low - 1e-6, high + 1e-6))
        return hull(self._rings[start:stop].reshape(-1, 2))

    def patch(
        self, low: float, high: float, start: float, end: float, bulge: float = 1.0
    ) -> np.ndarray:
        """Outline (M, 2) of the surface between two levels and two angles (degrees)."""
        middle = (start + end) / 2
        angles = np.array([start, middle, end, start, middle, end])
        return hull(self.points(np.repeat([low, high], 3), angles, bulge))


def draw_torso(image: np.ndarray, torso: Torso, outfit: Outfit) -> None:
    """Draw the trousers' top, the shirt with its pattern, belt and front, in place."""
    rim = max(0.8, 0.008 * torso.unit)
    light = 1.0 if torso.facing > 0 else 0.92
    shirt = shade(outfit.shirt, light)
    fill(
        image, torso.body(_LEVELS[0], _LEVELS[1]), shade(outfit.trousers, 0.93 * light)
    )
    shirt_parts = torso.body(0.06, 0.46), torso.body(0.42, _LEVELS[-1])
    for outline in shirt_parts:
        fill(image, grown(outline, rim), shade(shirt, 0.62))
    for outline in shirt_parts:
        fill(image, outline, shirt)
    _draw_pattern(image, torso, outfit, light)
    fill(image, torso.body(*_BELT), outfit.belt)
    if torso.facing > 0.12:
        _draw_front(image, torso, outfit)


def _draw_pattern(
    image: np.ndarray, torso: Torso, outfit: Outfit, light: float
) -> None:
    accent: Colour = shade(outfit.accent, light)
    if outfit.pattern == "stripes":
        for low in (0.18, 0.40, 0.62, 0.84):
            fill(image, torso.body(low, low + 0.09), accent)
    elif outfit.pattern == "band":
        fill(image, torso.body(0.5, 0.75), accent)
    elif outfit.pattern == "yoke":
        fill(image, torso.body(_LEVELS[3], _LEVELS[-1]), accent)


def _draw_front(image: np.ndarray, torso: Torso, outfit: Outfit) -> None:
    """What only the front has: open neck, zip or buttons or logo, buckle."""
    mark = shade(outfit.shirt, 0.45 if sum(outfit.shirt) > 330 else 1.9)
    middle = torso.points(np.array([0.20, 0.38, 0.56]), np.zeros(3))
    if outfit.front == "zip":
        line(image, middle, mark, 0.014 * torso.unit)
    elif outfit.front == "buttons":
        for button in middle:
            fill(image, disc(button, 0.011 * torso.unit), mark)
    elif outfit.front == "logo":
        fill(image, torso.patch(0.36, 0.60, -28, 28), mark)
    neckline = torso.points(np.array([1.06, 1.06, 0.68]), np.array([-50.0, 50.0, 0.0]))
    fill(image, grown(neckline, 0.008 * torso.unit), mark)
    fill(image, neckline, outfit.skin)
    fill(image, torso.patch(_BELT[0], _BELT[1], -16, 16), (70, 205, 235))


def draw_backpack(image: np.ndarray, torso: Torso, outfit: Outfit) -> None:
    """Draw a bag that stands out from the back, in place."""
    outer = torso.patch(0.25, 0.92, 135, 225, 2.0)
    inner = torso.patch(0.22, 0.95, 125, 235, 1.0)
    bag = hull(np.concatenate([outer, inner]))
    fill(image, grown(bag, 0.01 * torso.unit), shade(outfit.accent, 0.5))
    fill(image, bag, shade(outfit.accent, 0.9))
    if torso.facing < 0:
        pocket = torso.patch(0.30, 0.52, 150, 210, 2.0)
        fill(image, pocket, shade(outfit.accent, 0.65))


def draw_straps(image: np.ndarray, torso: Torso, outfit: Outfit) -> None:
    """Draw the bag's two straps over the chest, in place."""
    for low, high in ((-56, -40), (40, 56)):
        fill(image, torso.patch(0.5, 0.97, low, high), shade(outfit.accent, 0.6))
