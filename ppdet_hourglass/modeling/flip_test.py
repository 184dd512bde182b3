"""Flip test: the mirrored image's heatmaps, brought back and averaged in.

Shapes: N people, K joints, H x W heatmap pixels.
"""

from typing import Sequence

import numpy as np


def flip_back(
    heatmaps: np.ndarray, flip_order: Sequence[int], shift: bool
) -> np.ndarray:
    """Heatmaps of a mirrored image -> heatmaps of the image.

    Args:
        heatmaps: (N, K, H, W) of the mirrored image.
        flip_order: length K, where each joint's map is in the mirrored person.
        shift: move the result one pixel to the right.  The crop's middle lies
            between pixels, the heatmap's samples do not; mmpose and HRNet
            correct for that, the published Paddle reproduction does not.

    Returns:
        (N, K, H, W).
    """
    back = heatmaps[:, list(flip_order), :, ::-1]
    if not shift:
        return back
    return np.concatenate([back[..., :1], back[..., :-1]], axis=3)


def with_mirrored(
    heatmaps: np.ndarray, mirrored: np.ndarray, flip_order: Sequence[int], shift: bool
) -> np.ndarray:
    """Mean of an image's heatmaps and its mirrored image's, each (N, K, H, W)."""
    return (heatmaps + flip_back(mirrored, flip_order, shift)) * 0.5
