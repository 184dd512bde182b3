"""One person drawn twice: ground truth beside prediction, with a caption above.

Letters: K joints.  Positions are pixels of a tile.
"""

from typing import Tuple

import numpy as np

from ..keypoints.keypoint_set import KeypointSet
from .poses import add_ring, draw_pose

#: Side of a person's square picture, gap between two, and width of the pair.
TILE_PX = 256
GAP_PX = 4
PAIR_PX = 2 * TILE_PX + GAP_PX

#: Height of the caption.
CAPTION_PX = 24

#: Distance of text from the edge, and its font size.
MARGIN_PX = 8
FONT_PX = 13

#: Text, dark gray: the same in RGB and BGR.
TEXT = (40, 40, 40)


def draw_pair(
    crop: np.ndarray,
    truth: np.ndarray,
    visible: np.ndarray,
    prediction: np.ndarray,
    wrong: np.ndarray,
    keypoints: KeypointSet,
) -> np.ndarray:
    """Draw the ground truth on the left, and the prediction on the right.

    Args:
        crop: (TILE_PX, TILE_PX, 3) uint8 BGR.
        truth, prediction: (K, 2) joints.
        visible: (K,) bool, which annotated joints to draw.
        wrong: (K,) bool, which predicted joints to circle; the circle of a joint
            outside the tile is at its edge.
    """
    left = draw_pose(crop, truth, keypoints, visible)
    right = draw_pose(crop, prediction, keypoints)
    for point in np.clip(prediction[wrong], 0, TILE_PX - 1):
        add_ring(right, point)
    gap = np.full((TILE_PX, GAP_PX, 3), 255, np.uint8)
    return np.hstack([left, gap, right])


def caption(left: str, right: str) -> np.ndarray:
    """White bar (CAPTION_PX, PAIR_PX, 3) with a text at each end."""
    bar = np.full((CAPTION_PX, PAIR_PX, 3), 255, np.uint8)
    y = CAPTION_PX // 2
    write_text(bar, left, (MARGIN_PX, y), FONT_PX)
    write_text(bar, right, (PAIR_PX - MARGIN_PX, y), FONT_PX, anchor="rm")
    return bar


def write_text(
    picture: np.ndarray, text: str, at: Tuple[int, int], size: int, anchor: str = "lm"
) -> None:
    """Write one line into a picture (H, W, 3) uint8, changed in place.

    Pillow's font, unlike OpenCV's, has more than ASCII.

    Args:
        at: x and y of the anchor, pixels.
        size: font size, pixels.
        anchor: ``lm`` for the left end of the line, ``rm`` for the right end.
    """
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(picture)
    font = ImageFont.load_default(size)
    ImageDraw.Draw(image).text(at, text, fill=TEXT, font=font, anchor=anchor)
    picture[:] = np.asarray(image)
