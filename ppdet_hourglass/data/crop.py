"""From MPII's annotation of a person to the network's crop.

Letters: N people.
"""

from typing import Tuple

import numpy as np

#: MPII's unit: height in pixels of a person, or side of a crop, of scale 1.
PIXELS_PER_SCALE = 200.0

#: Input pixels per heatmap pixel: each network's stem halves the image twice.
STRIDE = 4

#: The recipe's crop (HRNet, mmpose): the centre moves down by 15 px per unit scale, so
#: that the feet fit in, and the crop is a quarter larger.
CENTER_SHIFT_Y = 15.0
PADDING = 1.25


def person_crops(
    centers: np.ndarray, scales: np.ndarray
) -> Tuple[np.ndarray, np.ndarray]:
    """The recipe's crop centres and scales.

    Args:
        centers: (N, 2) person centres, 1-based pixels.
        scales: (N,) person heights / 200 px.

    Returns:
        Centres (N, 2) float32, 0-based pixels, and scales (N, 2) float32, width and
        height of the crop / 200 px.
    """
    shift = np.stack([np.zeros_like(scales), CENTER_SHIFT_Y * scales], axis=1)
    crop_scales = np.repeat(PADDING * scales[:, None], 2, axis=1)
    return (centers + shift - 1).astype(np.float32), crop_scales.astype(np.float32)


def recipe_person(center: np.ndarray, scale: float) -> Tuple[np.ndarray, float]:
    """The person whose crop it is: the inverse of :func:`person_crops`.

    Args:
        center: (2,) of the crop, 0-based pixels.
        scale: size of the crop / 200 px.

    Returns:
        Centre (2,), 1-based pixels, and height / 200 px of the person.
    """
    scale = scale / PADDING
    return center + 1 - np.array([0, CENTER_SHIFT_Y * scale]), scale
