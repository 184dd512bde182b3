"""The geometry of crops, and the pixel convention.

Positions are 0-based pixels: (0, 0) is the middle of the image's first pixel.  MPII's
files count from 1, so :data:`MPII_ORIGIN` is taken off where they are read and added
where they are written.  A crop has a centre and a scale, its width and height / 200 px.

Letters: N people.
"""

from typing import Tuple

import numpy as np

#: Coordinate of the middle of the first pixel in MPII's files.
MPII_ORIGIN = 1.0

#: MPII's unit: height in pixels of a person, or side of a crop, of scale 1.
PIXELS_PER_SCALE = 200.0

#: Input pixels per heatmap pixel: each network's stem halves the image twice.
STRIDE = 4

#: The recipe's crop (HRNet, mmpose): the centre moves down by 15 px per unit scale, so
#: that the feet fit in, and the crop is a quarter larger.
CENTER_SHIFT_Y = 15.0
PADDING = 1.25


def crops_of_people(
    centers: np.ndarray, scales: np.ndarray
) -> Tuple[np.ndarray, np.ndarray]:
    """The recipe's square crops of people in MPII's layout.

    Args:
        centers: (N, 2) or (2,) centres of people, 1-based as in MPII's files.
        scales: (N,) or () heights of people / 200 px.

    Returns:
        Centres (N, 2) of the crops, 0-based pixels, and scales (N, 2).
    """
    scales = np.asarray(scales)[..., None]
    shift = np.concatenate([np.zeros_like(scales), CENTER_SHIFT_Y * scales], axis=-1)
    return centers + shift - MPII_ORIGIN, np.repeat(PADDING * scales, 2, axis=-1)


def people_of_crops(
    centers: np.ndarray, scales: np.ndarray
) -> Tuple[np.ndarray, np.ndarray]:
    """People in MPII's layout whose crops these are: undoes :func:`crops_of_people`.

    Args:
        centers: (N, 2) or (2,) centres of crops, 0-based pixels.
        scales: (N, 2) or (2,); the first of the two counts.

    Returns:
        Centres (N, 2), 1-based, and heights (N,) / 200 px.
    """
    heights = scales[..., :1] / PADDING
    shift = np.concatenate([np.zeros_like(heights), CENTER_SHIFT_Y * heights], axis=-1)
    return centers + MPII_ORIGIN - shift, heights[..., 0]


def crops_of_boxes(
    boxes: np.ndarray, aspect: float = 1.0, padding: float = PADDING
) -> Tuple[np.ndarray, np.ndarray]:
    """Crops around boxes, widened to the network's shape and padded.

    The result equals the stock COCO reader's to the bit, which rounds to float32.

    Args:
        boxes: (N, 4) or (4,) x, y, width, height.
        aspect: width / height of the crops.
        padding: how many times larger than the box the crop is.

    Returns:
        Centres (N, 2) and scales (N, 2), float32.
    """
    x, y, width, height = np.moveaxis(np.asarray(boxes, np.float64), -1, 0)
    centers = np.stack([x + width * 0.5, y + height * 0.5], axis=-1)
    width, height = (
        np.maximum(width, height * aspect),
        np.maximum(height, width / aspect),
    )
    scales = np.stack([width, height], axis=-1) / PIXELS_PER_SCALE
    return centers.astype(np.float32), scales.astype(np.float32) * np.float32(padding)


def boxes_of_crops(centers: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Boxes (N, 4), x, y, width, height, whose crops these are, of the crops' shape.

    Args:
        centers: (N, 2) or (2,).
        scales: (N, 2) or (2,).
    """
    sizes = scales * (PIXELS_PER_SCALE / PADDING)
    return np.concatenate([centers - sizes / 2, sizes], axis=-1)


def clip_boxes(boxes: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Clip boxes to their images as the stock COCO reader does.

    A box that begins left of its image or above it keeps its size: it is moved.

    Args:
        boxes: (N, 4) x, y, width, height.
        sizes: (N, 2) width and height of the images.

    Returns:
        (N, 4); a width or height is negative for a box outside its image.
    """
    low = np.maximum(boxes[:, :2], 0)
    high = np.minimum(sizes - 1, low + np.maximum(boxes[:, 2:] - 1, 0))
    return np.concatenate([low, high - low], axis=1)
