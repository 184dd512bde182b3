"""What each stack of a network answers for the worst people, for the page to hold.

Letters: S stacks, K joints, h x w pixels of a heatmap.
"""

import base64
import logging
import os
from typing import Dict, List, Sequence, Tuple

import cv2
import numpy as np
from tqdm import tqdm

from ..data.crop import PIXELS_PER_SCALE
from ..data.images import read_image
from ..errors import UserError
from ..predict.crops import cut
from ..predict.estimator import PoseEstimator
from ..predict.network import open_network
from .overlay import overlay, side_colors
from .study import Study

logger = logging.getLogger(__name__)

#: How far a joint may lie from the results' one, as a share of the crop's side.
SAME_JOINT = 0.02


def heatmaps(
    one: Study,
    image_folder: str,
    config: str,
    options: Sequence[str],
    most: int,
    room: int,
) -> Dict[int, List[str]]:
    """Run a network on the worst people.

    Args:
        one: the evaluation.
        image_folder: folder of the pictures; people without one are left out.
        config: the network's config.
        options: further keys of the config, ``KEY=VALUE``, such as ``weights``.
        most: largest number of people.
        room: largest number of characters, which may make it fewer people.

    Returns:
        By the person's index, the :func:`strip` of each stack as a base64 PNG.

    Raises:
        UserError: the config or its weights are wrong, or a picture cannot be read.
    """
    estimator = _open(one, config, options)
    colors = side_colors(one.keypoints)
    texts: Dict[int, List[str]] = {}
    moved = 0
    worst = one.worst_pictured()[:most]
    for person in tqdm(worst, "heatmaps", leave=False, disable=None):
        stacks, joints = _answer(estimator, one, person, image_folder)
        away = np.abs(joints - one.predicted[person, :, :2]).max()
        moved += int(away > SAME_JOINT * one.sides[person])
        pictures = [png_text(strip(stack, colors)) for stack in stacks]
        room -= sum(map(len, pictures))
        if room < 0:
            logger.info(f"the page has room for the heatmaps of {len(texts)} people")
            break
        texts[person] = pictures
    if moved:
        logger.warning(
            f"{config} predicts other joints than {one.results} in {moved} of the "
            f"{len(texts)} worst people: are config and weights the evaluation's?"
        )
    return texts


def _open(one: Study, config: str, options: Sequence[str]) -> PoseEstimator:
    """The network of the evaluated joints, which returns every stack's heatmaps."""
    estimator = PoseEstimator(
        *open_network(config, overrides=options, every_stack=True)
    )
    own = estimator.spec.keypoints
    if own.joints != one.keypoints.joints:
        raise UserError(
            f"{config} predicts the joints of {own.source}, but the results are of "
            f"{one.keypoints.source}"
        )
    return estimator


def _answer(
    estimator: PoseEstimator, one: Study, person: int, image_folder: str
) -> Tuple[np.ndarray, np.ndarray]:
    """Heatmaps (S, K, h, w), and the last ones' joints (K, 2), 0-based image pixels."""
    path = os.path.join(image_folder, one.people.images[person])
    center = one.centers[person].astype(np.float32)
    scale = np.float32([one.sides[person] / PIXELS_PER_SCALE] * 2)
    pixels = cut(read_image(path), center, scale, estimator.spec.input_size)
    stacks = estimator.heatmaps_in(pixels[None])
    joints, _ = estimator.spec.codec.decode(stacks[-1:], center[None], scale[None])
    return stacks, joints[0]


def strip(stack: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Draw a stack's heatmaps (K, h, w): all in one square, and each in one below.

    Returns:
        ((1 + K) w, w, 4) uint8 BGRA, in the joints' ``colors`` (K, 3).  The squares are
        as wide as the crop and have its middle.
    """
    height, width = stack.shape[1:]
    rows = np.arange(width) + (height - width) // 2
    inside = (rows >= 0) & (rows < height)
    square = stack[:, np.clip(rows, 0, height - 1)] * inside[:, None]
    each = [overlay(heat[None], color[None]) for heat, color in zip(square, colors)]
    return np.concatenate([overlay(square, colors), *each])


def png_text(picture: np.ndarray) -> str:
    """A picture (H, W, 4) uint8 BGRA as base64 PNG."""
    png = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1]
    return base64.b64encode(png.tobytes()).decode()
