"""Find the peak of each heatmap, for a whole batch at once.

Shapes: N people, K joints, H x W heatmap pixels, 0-based, x to the right.
"""

from typing import Callable, Dict, Tuple

import cv2
import numpy as np

#: Width of DARK's blur, heatmap pixels: 11 in its paper, 3 in PaddleDetection.
DARK_KERNEL = 3


def argmax_joints(heatmaps: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """Highest pixel of each of the heatmaps (N, K, H, W).

    Returns:
        coords (N, K, 2) float32, x and y in heatmap pixels, (0, 0) where no
        pixel is above zero; scores (N, K) float32, the value there.
    """
    height, width = heatmaps.shape[2:]
    flat = heatmaps.reshape(heatmaps.shape[:2] + (height * width,))
    index = flat.argmax(axis=2)
    scores = np.take_along_axis(flat, index[..., None], axis=2)[..., 0]
    coords = np.stack([index % width, index // width], axis=-1).astype(np.float32)
    coords[~(scores > 0)] = 0
    return coords, scores


def quarter_offset(heatmaps: np.ndarray, coords: np.ndarray) -> np.ndarray:
    """Move each peak (N, K, 2) by a quarter pixel towards its higher neighbours.

    Newell et al. 2016, section 3.2.  Peaks within a pixel of the border stay,
    as in the HRNet and PaddleDetection code.
    """
    at, inside = _around(heatmaps, coords, margin=1)
    slopes = np.stack([at(1, 0) - at(-1, 0), at(0, 1) - at(0, -1)], axis=-1)
    offset = 0.25 * np.sign(slopes)
    return coords + offset * inside[..., None]


def dark_offset(
    heatmaps: np.ndarray, coords: np.ndarray, kernel: int = DARK_KERNEL
) -> np.ndarray:
    """Move each peak (N, K, 2) to the top of a Gaussian fitted around it.

    DARK: Zhang et al., "Distribution-Aware Coordinate Representation for Human
    Pose Estimation", CVPR 2020: one Newton step on the log of the blurred map.
    ``kernel`` is the width of the blur, odd heatmap pixels.
    """
    blurred, factors = _blurred(heatmaps, kernel)
    value, inside = _around(blurred, coords, margin=2)

    def at(dx: int, dy: int) -> np.ndarray:
        return np.log(np.maximum(value(dx, dy) * factors, 1e-10)).astype(np.float64)

    dx, dy = 0.5 * (at(1, 0) - at(-1, 0)), 0.5 * (at(0, 1) - at(0, -1))
    dxx = 0.25 * (at(2, 0) - 2 * at(0, 0) + at(-2, 0))
    dyy = 0.25 * (at(0, 2) - 2 * at(0, 0) + at(0, -2))
    dxy = 0.25 * (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1))
    determinant = dxx * dyy - dxy**2
    solvable = inside & (determinant != 0)
    determinant = np.where(solvable, determinant, 1)
    offset_x = (dxy * dy - dyy * dx) / determinant
    offset_y = (dxy * dx - dxx * dy) / determinant
    offset = np.stack([offset_x, offset_y], axis=-1)
    return coords + offset * solvable[..., None]


def _around(
    maps: np.ndarray, coords: np.ndarray, margin: int
) -> Tuple[Callable[[int, int], np.ndarray], np.ndarray]:
    """Values (N, K) at (dx, dy) from the peaks; which peaks are off the border."""
    height, width = maps.shape[2:]
    x, y = coords[..., 0].astype(int), coords[..., 1].astype(int)
    inside = (x > 1) & (x < width - margin) & (y > 1) & (y < height - margin)
    x, y = np.where(inside, x, margin), np.where(inside, y, margin)
    n, k = np.ogrid[: x.shape[0], : x.shape[1]]
    return lambda dx, dy: maps[n, k, y + dy, x + dx], inside


def _blurred(heatmaps: np.ndarray, kernel: int) -> Tuple[np.ndarray, np.ndarray]:
    """Blur each map with zeros outside.

    Returns:
        (N, K, H, W), and factors (N, K) that bring each back to its former maximum.
    """
    people, joints, height, width = heatmaps.shape
    border = kernel // 2
    edges = ((0, 0), (border, border), (border, border))
    padded = np.pad(heatmaps.reshape(-1, height, width), edges)
    # One tall image: the padding keeps neighbouring maps apart.
    tall = cv2.GaussianBlur(padded.reshape(-1, width + 2 * border), (kernel, kernel), 0)
    maps = tall.reshape(padded.shape)[:, border:-border, border:-border]
    maps = maps.reshape(people, joints, height, width)
    before, after = heatmaps.max(axis=(2, 3)), maps.max(axis=(2, 3))
    return maps, np.where(after > 0, before / np.where(after > 0, after, 1), 1)


#: Decoders by their names in ``TopDownHourglass.decoder``.
DECODERS: Dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "quarter": quarter_offset,
    "dark": dark_offset,
}
