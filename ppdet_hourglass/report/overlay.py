"""Heatmaps as pictures to lay over a crop.

Letters: K joints, h x w pixels of a heatmap.
"""

import numpy as np

from ..drawing.batch import SIDE_RGB
from ..keypoints.keypoint_set import KeypointSet

#: Opacity of a heatmap at 1, and the number of opacities, which lets noise vanish and
#: pictures of it stay small.
PEAK, LEVELS = 0.85, 32


def side_colors(keypoints: KeypointSet) -> np.ndarray:
    """Colours (K, 3) of the joints by their sides, uint8 BGR."""
    sides = [keypoints.side(joint) for joint in range(len(keypoints))]
    return np.array([SIDE_RGB[side][::-1] for side in sides], np.uint8)


def overlay(heatmaps: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Draw the highest of the heatmaps (K, h, w) at each pixel, in its colour (K, 3).

    Returns:
        (h, w, 4) uint8 BGRA, the more opaque the higher, and clear at 0.
    """
    shares = np.round(np.clip(heatmaps.max(axis=0), 0, 1) * (LEVELS - 1)) / (LEVELS - 1)
    color = colors[heatmaps.argmax(axis=0)] * (shares > 0)[..., None]
    return np.dstack([color, np.round(shares * PEAK * 255)]).astype(np.uint8)
