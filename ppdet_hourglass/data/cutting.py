"""Cutting a person out of a picture, with room for every rotation and scale.

Letters: K joints.  All positions are 0-based pixels.
"""

from typing import Any, List, Tuple

import numpy as np

from .crop import PIXELS_PER_SCALE
from .image_file import scaling

#: Cut pixels per network pixel in the crop without augmentation: the smallest random
#: scale of the recipe, 0.5, enlarges by two thirds then.  docs/speed.md has the times
#: and the differences in grey levels that other values give.
OVERSAMPLING = 1.2

#: Pixels around the region that bilinear interpolation may touch.
BORDER = 2

#: Size of a half-body crop in sizes of its joints' box, in PaddleDetection.
HALF_BODY_PADDING = 1.5

Crop = Tuple[np.ndarray, float]


def reach(augmentation: Any) -> Tuple[float, float]:
    """Width and height, in crop widths, of what augmented crops can show.

    Args:
        augmentation: a transform with the options ``rot`` (degrees; angles reach twice
            that), ``scale`` (factors reach 1 + scale) and ``aspect_ratio``.

    Returns:
        (2.12, 2.12) for the recipe's square crops.
    """
    limit = np.deg2rad(min(2 * augmentation.rot, 90))
    cos, sin = (f(np.linspace(0, limit, 181)) for f in (np.cos, np.sin))
    height = 1 / augmentation.aspect_ratio
    largest = 1 + augmentation.scale
    sides = (cos + height * sin, sin + height * cos)
    return tuple(round(float(largest * side.max()), 3) for side in sides)


def crops_of(
    center: np.ndarray,
    scale: np.ndarray,
    joints: np.ndarray,
    visible: np.ndarray,
    augmentation: Any,
) -> List[Crop]:
    """A person's crop and, if the augmentation takes them, those of half a body.

    Args:
        center: (2,) of the crop.
        scale: (2,) width and height of the crop / 200 px.
        joints: (K, 2).
        visible: (K,) 1 where annotated.
        augmentation: as in :func:`reach`, with ``prob_half_body``, ``upper_body_ids``.

    Returns:
        Centre (2,) and width of each; the first is the whole person's.
    """
    crops = [(np.asarray(center), float(scale[0]) * PIXELS_PER_SCALE)]
    if not augmentation.prob_half_body:
        return crops
    upper = np.isin(np.arange(len(joints)), augmentation.upper_body_ids)
    for half in (upper, ~upper):
        chosen = joints[half & (visible > 0)]
        if len(chosen) > 1:
            width, height = np.ptp(chosen, axis=0)
            width = max(width, height * augmentation.aspect_ratio)
            crops.append((chosen.mean(axis=0), float(width) * HALF_BODY_PADDING))
    return crops


def region(
    crops: List[Crop], reach: Tuple[float, float], size: Tuple[int, int]
) -> np.ndarray:
    """Left, top, right and bottom, whole pixels, of what augmented crops show.

    Args:
        crops: as :func:`crops_of` returns them.
        reach: as :func:`reach` returns it.
        size: width and height of the picture, which the region does not leave.
    """
    half = np.asarray(reach) / 2
    lowest = np.min([center - half * width for center, width in crops], axis=0)
    highest = np.max([center + half * width for center, width in crops], axis=0)
    last = np.asarray(size) - 1
    start = np.clip(np.floor(lowest) - BORDER, 0, last)
    end = np.clip(np.ceil(highest) + BORDER, start, last) + 1
    return np.concatenate([start, end]).astype(int)


def shrunk_size(
    box: np.ndarray, crop_width: float, input_width: int
) -> Tuple[int, int]:
    """Width and height to which a region is shrunk, never enlarged.

    Args:
        box: left, top, right and bottom, as :func:`region` returns them.
        crop_width: of the crop without augmentation, pixels of the picture.
        input_width: of the network's input.
    """
    zoom = min(1.0, OVERSAMPLING * input_width / crop_width)
    width, height = np.maximum(np.rint((box[2:] - box[:2]) * zoom), 1).astype(int)
    return int(width), int(height)


def to_cut(box: np.ndarray, size: Tuple[int, int]) -> np.ndarray:
    """(3, 3) matrix from the picture's pixels to those of the region cut out of it.

    Args:
        box: left, top, right and bottom of the region.
        size: width and height to which the region was shrunk.
    """
    matrix = scaling(*(np.asarray(size) / (box[2:] - box[:2])))
    move = np.array([[1, 0, -box[0]], [0, 1, -box[1]], [0, 0, 1]], np.float64)
    return matrix @ move
