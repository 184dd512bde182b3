"""Anti-aliased filled shapes on BGR images; points are (N, 2), 0-based pixels."""

from typing import Tuple

import cv2
import numpy as np

Colour = Tuple[float, float, float]

#: Sub-pixel bits of OpenCV's fixed-point drawing coordinates.
SHIFT = 4
_HALF_TURN = np.linspace(-np.pi / 2, np.pi / 2, 7)
_HALF_CIRCLE = np.stack([np.cos(_HALF_TURN), np.sin(_HALF_TURN)], axis=1)
_TURN = np.linspace(0.0, 2 * np.pi, 20, endpoint=False)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)


def shade(colour: Colour, factor: float) -> Colour:
    """`colour` made darker (factor < 1) or lighter (> 1), within 0 to 255."""
    blue, green, red = colour
    return (
        min(255.0, blue * factor),
        min(255.0, green * factor),
        min(255.0, red * factor),
    )


def fill(image: np.ndarray, points: np.ndarray, colour: Colour) -> None:
    """Fill a convex polygon in place."""
    cv2.fillConvexPoly(image, _fixed(points), colour, cv2.LINE_AA, SHIFT)


def line(image: np.ndarray, points: np.ndarray, colour: Colour, width: float) -> None:
    """Draw an open line of `width` pixels (at least one) in place."""
    thickness = max(1, int(round(width)))
    cv2.polylines(image, [_fixed(points)], False, colour, thickness, cv2.LINE_AA, SHIFT)


def _fixed(points: np.ndarray) -> np.ndarray:
    """Pixels as OpenCV's fixed-point numbers."""
    return (points * (1 << SHIFT) + 0.5).astype(np.int32)


def hull(points: np.ndarray) -> np.ndarray:
    """Convex hull (M, 2) of `points`."""
    return cv2.convexHull(points.astype(np.float32))[:, 0]


def grown(points: np.ndarray, pixels: float) -> np.ndarray:
    """A convex polygon whose corners lie `pixels` farther from its middle."""
    away = points - points.sum(axis=0) / len(points)
    reach = np.hypot(away[:, 0], away[:, 1]) + 1e-6
    return points + away * (pixels / reach)[:, None]


def capsules(
    starts: np.ndarray, ends: np.ndarray, thick: np.ndarray, thin: np.ndarray
) -> np.ndarray:
    """Outlines (N, 14, 2) of tapered pieces with radii `thick` (N,) to `thin` (N,).

    `starts` and `ends` are (N, 2).  Where one end's circle swallows the other's,
    the piece points at the camera and its outline is the bigger circle.
    """
    along = ends - starts
    length = np.hypot(along[:, 0], along[:, 1])
    hidden = length <= np.abs(thick - thin)
    if hidden.any():
        bigger = np.maximum(thick, thin)
        thick, thin = np.where(hidden, bigger, thick), np.where(hidden, bigger, thin)
    along = along / (length + 1e-9)[:, None]
    across = along[:, ::-1] * (-1.0, 1.0)
    cap = _HALF_CIRCLE[:, :1] * along[:, None] + _HALF_CIRCLE[:, 1:] * across[:, None]
    tips = ends[:, None] + thin[:, None, None] * cap
    return np.concatenate([tips, starts[:, None] - thick[:, None, None] * cap], axis=1)


def capsule(
    start: np.ndarray, end: np.ndarray, thick: float, thin: float
) -> np.ndarray:
    """Outline (14, 2) of a single tapered piece."""
    return capsules(start[None], end[None], np.array([thick]), np.array([thin]))[0]


def disc(
    centre: np.ndarray, radius: float, stretch: float = 1.0, up: float = 0.0
) -> np.ndarray:
    """Outline (20, 2) of an ellipse: half width, height over width, turn in rad."""
    cos, sin = np.cos(up), np.sin(up)
    turn = np.array([[cos, sin], [-sin, cos]])
    return centre + radius * (_CIRCLE * (1.0, stretch)) @ turn
