"""People of a training batch: what the network gets, and what it should answer.

Letters: N people, K joints, H x W pixels of the crop, h x w of the heatmaps.
"""

from typing import Sequence

import cv2
import numpy as np

from ..keypoints.keypoint_set import KeypointSet
from ..modeling.peaks import argmax_joints
from .grid import arrange
from .pair import GAP_PX, TILE_PX, caption
from .poses import LEFT_RGB, PERSON_RGB, RIGHT_RGB, draw_pose

#: Brightness of the crop below its heatmaps.
DIMMED = 0.35

SIDE_RGB = {"right": RIGHT_RGB, "left": LEFT_RGB, "": PERSON_RGB[0]}


def draw_batch(
    images: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    names: Sequence[str],
    heading: str,
    keypoints: KeypointSet,
) -> np.ndarray:
    """Draw each person's crop with its joints, and beside it the target heatmaps.

    The joints are the peaks of the targets, as nothing else is learned.

    Args:
        images: (N, H, W, 3) uint8 BGR.
        targets: (N, K, h, w) in [0, 1].
        weights: (N, K), 0 for joints that are not learned, which are not drawn.
        names: N captions.
        heading: the picture's first line.

    Returns:
        The picture, uint8 BGR.
    """
    pairs = []
    for image, target, weight, name in zip(images, targets, weights, names):
        zoom = TILE_PX / max(image.shape[:2])
        stride = image.shape[1] / target.shape[2]
        learned = (weight > 0) & (target.max(axis=(1, 2)) > 0)
        joints, _ = argmax_joints(target[None])
        crop = _fit(image, zoom)
        left = draw_pose(crop, joints[0] * stride * zoom, keypoints, learned)
        right = _heat(crop, target * learned[:, None, None], zoom * stride, keypoints)
        gap = np.full((TILE_PX, GAP_PX, 3), 255, np.uint8)
        pairs.append(np.vstack([caption(name, ""), np.hstack([left, gap, right])]))
    return arrange(pairs, heading, None, ("input and joints", "target heatmaps"))


def _fit(image: np.ndarray, zoom: float) -> np.ndarray:
    """A picture or heatmap in a square tile, from its upper left corner on."""
    matrix = np.array([[zoom, 0, 0], [0, zoom, 0]])
    return cv2.warpAffine(image, matrix, (TILE_PX, TILE_PX), flags=cv2.INTER_LINEAR)


def _heat(
    crop: np.ndarray, target: np.ndarray, zoom: float, keypoints: KeypointSet
) -> np.ndarray:
    """The dimmed crop with heatmaps (K, h, w) in the colours of the joints' sides."""
    picture = DIMMED * crop
    for joint, heat in enumerate(target):
        share = _fit(heat.astype(np.float32), zoom)[..., None]
        color = np.array(SIDE_RGB[keypoints.side(joint)][::-1])
        picture = (1 - share) * picture + share * color
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)
