"""One person twice: ground truth beside prediction, with a caption above.

Letters: K joints.  Positions are pixels of a tile.
"""

import cv2
import numpy as np

from ..keypoints.keypoint_set import KeypointSet
from .lettering import write_text
from .poses import draw_pose
from .skeleton import OUTLINE_RGB

#: Side of a square picture of a person, white between two, and width of both.
TILE_PX = 256
GAP_PX = 4
PAIR_PX = 2 * TILE_PX + GAP_PX

#: Height of the caption.
CAPTION_PX = 24

#: Distance of text from the edge, and size of its font.
MARGIN_PX = 8
FONT_PX = 13

#: The circle around a wrong joint; bright between two dark edges, it shows anywhere.
RING_RGB = (255, 0, 255)
RING_RADIUS_PX = 8

#: Fractional bits of the positions that OpenCV takes.
SHIFT = 4


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
        truth: (K, 2) annotated joints.
        visible: (K,) bool; other annotated joints are left out.
        prediction: (K, 2) predicted joints.
        wrong: (K,) bool; these predicted joints are circled, at the edge of the tile
            if they lie outside.
        keypoints: names, sides and bones of the joints.

    Returns:
        (TILE_PX, PAIR_PX, 3) uint8 BGR.
    """
    left = draw_pose(crop, truth, keypoints, visible)
    right = draw_pose(crop, prediction, keypoints)
    for point in np.clip(prediction[wrong], 0, TILE_PX - 1):
        add_ring(right, point)
    gap = np.full((TILE_PX, GAP_PX, 3), 255, np.uint8)
    return np.hstack([left, gap, right])


def add_ring(picture: np.ndarray, point: np.ndarray) -> None:
    """Circle a point (x, y) in a picture (H, W, 3) uint8 BGR, changed in place."""
    x, y = np.round(point * 2**SHIFT).astype(int).tolist()
    radius = RING_RADIUS_PX << SHIFT
    for color, width in ((OUTLINE_RGB, 4), (RING_RGB, 2)):
        cv2.circle(picture, (x, y), radius, color[::-1], width, cv2.LINE_AA, SHIFT)


def caption(left: str, right: str) -> np.ndarray:
    """(CAPTION_PX, PAIR_PX, 3) white bar with a text at each end."""
    bar = np.full((CAPTION_PX, PAIR_PX, 3), 255, np.uint8)
    y = CAPTION_PX // 2
    write_text(bar, left, (MARGIN_PX, y), FONT_PX)
    write_text(bar, right, (PAIR_PX - MARGIN_PX, y), FONT_PX, anchor="rm")
    return bar
