"""From people's boxes to what the network sees.

Letters: M people, W x H pixels of a crop.  Boxes are x, y, width, height in 0-based
image pixels.
"""

from typing import Sequence, Tuple

import cv2
import numpy as np

from ..data.crop import PADDING, PIXELS_PER_SCALE


def crops_of(
    boxes: np.ndarray, size: Tuple[int, int], padding: float = PADDING
) -> Tuple[np.ndarray, np.ndarray]:
    """Smallest crops of the network's proportions around boxes, made larger.

    Args:
        boxes: (M, 4).
        size: (W, H).
        padding: crop / box; by default the recipe's quarter more.

    Returns:
        centres (M, 2) float32, 0-based pixels; scales (M, 2) float32, width and
        height of the crops / 200 px: what ``decode`` takes.
    """
    aspect = size[0] / size[1]
    width = padding * np.maximum(boxes[:, 2], boxes[:, 3] * aspect)
    scales = np.stack([width, width / aspect], axis=1) / PIXELS_PER_SCALE
    centers = boxes[:, :2] + boxes[:, 2:] * 0.5
    return centers.astype(np.float32), scales.astype(np.float32)


def cut(
    image: np.ndarray, center: np.ndarray, scale: np.ndarray, size: Tuple[int, int]
) -> np.ndarray:
    """One upright crop, black beyond the image's border.

    The matrix comes from the same three points as PaddleDetection's, so that the
    crop is the same to the bit as in evaluation and in the stock deploy code.

    Args:
        image: (H of the image, W of the image, 3) uint8.
        center: (2,) 0-based pixels.
        scale: (2,) crop's width and height / 200 px; the width counts.
        size: (W, H).

    Returns:
        (H, W, 3) uint8.
    """
    matrix = cv2.getAffineTransform(
        _points(center, scale[0] * PIXELS_PER_SCALE),
        _points((size[0] * 0.5, size[1] * 0.5), size[0]),
    )
    return cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR)


def _points(center: Sequence[float], width: float) -> np.ndarray:
    """(3, 2) float32: the middle, the point half a width above, and left of that."""
    x, y, half = center[0], center[1], width * 0.5
    return np.array([[x, y], [x, y - half], [x - half, y - half]], np.float32)


def normalise(
    crops: np.ndarray, mean: Sequence[float], std: Sequence[float]
) -> np.ndarray:
    """(M, H, W, 3) uint8 BGR -> (M, 3, H, W) float32 RGB, standardised."""
    factor = (1 / (255 * np.asarray(std, np.float64))).astype(np.float32)
    offset = (np.asarray(mean, np.float64) / std).astype(np.float32)
    planes = np.ascontiguousarray(crops[..., ::-1].transpose(0, 3, 1, 2))
    return planes * factor[:, None, None] - offset[:, None, None]
