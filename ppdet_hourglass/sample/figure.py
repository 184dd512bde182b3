"""One person on a picture: body parts drawn from the farthest to the nearest."""

from functools import partial
from typing import Callable, List, NamedTuple

import numpy as np

from .head import draw_head
from .limbs import arm, draw_limb, draw_skirt, leg
from .outfit import Outfit
from .skeleton import SIDES, Skeleton
from .torso import Torso, draw_backpack, draw_straps, draw_torso

#: Legs go behind the trunk and arms before it unless clearly otherwise, statures.
_LEG_BIAS = 0.07
_ARM_BIAS = -0.02


class _Layer(NamedTuple):
    distance: float
    draw: Callable[[], None]


def draw_figure(
    image: np.ndarray, skeleton: Skeleton, outfit: Outfit, light: np.ndarray
) -> None:
    """Draw a placed `skeleton` in place; `light` (2,) points towards the light."""
    torso = Torso(skeleton, outfit.girth)
    layers = _limb_layers(image, skeleton, outfit, light)
    chest = (skeleton.point("pelvis")[2] + skeleton.point("thorax")[2]) / 2
    head = (skeleton.point("upper_neck")[2] + skeleton.point("thorax")[2]) / 2
    layers.append(_Layer(chest, lambda: draw_torso(image, torso, outfit)))
    layers.append(_Layer(head, lambda: draw_head(image, skeleton, outfit)))
    if outfit.backpack:
        behind = chest + 0.09 * torso.facing * skeleton.unit
        layers.append(_Layer(behind, lambda: draw_backpack(image, torso, outfit)))
        if torso.facing > 0:
            layers.append(_Layer(chest, lambda: draw_straps(image, torso, outfit)))
    for layer in sorted(layers, key=lambda one: -one.distance):
        layer.draw()


def _limb_layers(
    image: np.ndarray, skeleton: Skeleton, outfit: Outfit, light: np.ndarray
) -> List[_Layer]:
    layers: List[_Layer] = []
    legs: List[float] = []
    for side, _ in SIDES:
        for build, bias in ((leg, _LEG_BIAS), (arm, _ARM_BIAS)):
            limb = build(skeleton, outfit, side)
            distance = limb.depth + bias * skeleton.unit
            draw = partial(draw_limb, image, limb, skeleton, light)
            layers.append(_Layer(distance, draw))
            if build is leg:
                legs.append(distance)
    if outfit.skirt:
        layers.append(
            _Layer(min(legs) - 1e-3, lambda: draw_skirt(image, skeleton, outfit))
        )
    return layers
