"""Arms and legs: tapered shaded shapes between the joints of a skeleton."""

from typing import NamedTuple, Tuple

import numpy as np

from .outfit import Outfit
from .shapes import Colour, capsule, capsules, fill, grown, hull, shade
from .skeleton import SIDES, Skeleton

_ARM = ("finger", "wrist", "elbow", "shoulder")
_LEG = ("toe", "ankle", "knee", "hip")
#: Radii in statures at the inner and the outer end of each piece.
_ARM_RADII = np.array([[0.020, 0.016], [0.029, 0.021], [0.036, 0.029]])
_LEG_RADII = np.array([[0.027, 0.020], [0.042, 0.027], [0.060, 0.042]])
_RIM = 0.62
_BASE = 0.93
_LIGHT = 1.13
#: How much darker the far side of the body is than its middle, per stature.
_FAR_DARKER = 1.6


class LimbShape(NamedTuple):
    """Three tapered pieces, from hand or foot inwards, that join four points.

    points: (4, 3) pixels, radii: (3, 2) pixels at a piece's inner and outer end.
    """

    points: np.ndarray
    radii: np.ndarray
    colours: Tuple[Colour, Colour, Colour]

    @property
    def depth(self) -> float:
        """Mean distance of the points beyond the first from the camera plane."""
        return float(self.points[:3, 2].sum()) / 3


def arm(skeleton: Skeleton, outfit: Outfit, side: str) -> LimbShape:
    """Hand, forearm and upper arm of `side`, "left" or "right"."""
    points = [skeleton.point(f"{side}_{name}") for name in _ARM]
    upper, lower = ([outfit.shirt] * outfit.sleeve + [outfit.skin] * 2)[:2]
    radii = _ARM_RADII * skeleton.unit * outfit.girth
    return LimbShape(np.array(points), radii, (outfit.skin, lower, upper))


def leg(skeleton: Skeleton, outfit: Outfit, side: str) -> LimbShape:
    """Foot, shin and thigh of `side`, "left" or "right"."""
    points = [skeleton.point(f"{side}_{name}") for name in _LEG]
    upper, lower = ([outfit.trousers] * outfit.leg + [outfit.skin] * 2)[:2]
    radii = _LEG_RADII * skeleton.unit * outfit.girth
    return LimbShape(np.array(points), radii, (outfit.shoes, lower, upper))


def draw_limb(
    image: np.ndarray, limb: LimbShape, skeleton: Skeleton, light: np.ndarray
) -> None:
    """Draw a limb in place; `light` (2,) points to where the light comes from."""
    middle = (skeleton.point("pelvis")[2] + skeleton.point("thorax")[2]) / 2
    far = (limb.depth - middle) / skeleton.unit
    darker = min(max(1.0 - _FAR_DARKER * far, 0.68), 1.06)
    rim = max(0.8, 0.008 * skeleton.unit)
    outlines, bodies, lit = _layers(limb, rim, light)
    for outline, colour in zip(outlines, limb.colours):
        fill(image, outline, shade(colour, _RIM * darker))
    for body, shine, colour in zip(bodies, lit, limb.colours):
        fill(image, body, shade(colour, _BASE * darker))
        fill(image, shine, shade(colour, _LIGHT * darker))


def _layers(limb: LimbShape, rim: float, light: np.ndarray) -> np.ndarray:
    """Outlines (3, 3, M, 2) of rim, body and lit part of each of the three pieces."""
    starts = np.tile(limb.points[1:, :2], (3, 1))
    ends = np.tile(limb.points[:3, :2], (3, 1))
    radii = np.concatenate([limb.radii + rim, limb.radii, 0.5 * limb.radii])
    outlines = capsules(starts, ends, radii[:, 0], radii[:, 1])
    outlines[6:] += 0.35 * limb.radii[:, 1, None, None] * light
    return outlines.reshape(3, 3, -1, 2)


def draw_skirt(image: np.ndarray, skeleton: Skeleton, outfit: Outfit) -> None:
    """Cover both thighs down to above the knees, in place."""
    radius = 0.062 * skeleton.unit * outfit.girth
    thighs = []
    for side, _ in SIDES:
        hip = skeleton.point(f"{side}_hip")[:2]
        knee = skeleton.point(f"{side}_knee")[:2]
        thighs.append(capsule(hip, hip + 0.72 * (knee - hip), radius, radius))
    outline = hull(np.concatenate(thighs))
    fill(image, grown(outline, 0.01 * skeleton.unit), shade(outfit.trousers, _RIM))
    fill(image, outline, outfit.trousers)
