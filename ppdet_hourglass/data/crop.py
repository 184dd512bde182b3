"""From MPII's person annotation to the crop that the network sees.

Letters: N people.
"""

from typing import Tuple

import numpy as np

#: MPII's unit: pixels of a person, or of a crop's side, of scale 1.
PIXELS_PER_SCALE = 200.0

#: Input pixels per heatmap pixel: each network's stem halves the image twice.
STRIDE = 4

#: The recipe's crop (HRNet, mmpose): centre 15 px per unit scale lower, so that
#: feet fit in, and a quarter larger.
CENTER_SHIFT_Y = 15.0
PADDING = 1.25


def person_crops(
    centers: np.ndarray, scales: np.ndarray
) -> Tuple[np.ndarray, np.ndarray]:
    """Crop centres and scales of the recipe.

    Args:
        centers: (N, 2) person centres, 1-based pixels.
        scales: (N,) person heights / 200 px.

    Returns:
        centres (N, 2) float32, 0-based pixels; scales (N, 2) float32, width and
        height of the crop / 200 px.
    """
    shift = np.stack([np.zeros_like(scales), CENTER_SHIFT_Y * scales], axis=1)
    crop_scales = np.repeat(PADDING * scales[:, None], 2, axis=1)
    return (centers + shift - 1).astype(np.float32), crop_scales.astype(np.float32)
