"""People's crops and heatmaps as text, to embed in a page.

Letters: K joints, S stacks, H x W pixels of an image, h x w of a heatmap.
"""

import base64
import logging
import os
from typing import Dict, List, Sequence

import cv2
import numpy as np
from tqdm import tqdm

from ..data.images import read_image
from ..drawing.poses import joint_colors
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from .study import Study

logger = logging.getLogger(__name__)

#: Side of a crop, and quality of its JPEG.
SIDE_PX, JPEG_QUALITY = 288, 80

#: Opacity of a heatmap at 1, and the number of opacities, which lets noise vanish and
#: images of it stay small.
PEAK, LEVELS = 0.85, 32

#: Largest distance of a joint from that of the results, as a share of the crop's side.
SAME_JOINT = 0.02


def square(path: str, center: np.ndarray, side: float) -> np.ndarray:
    """Crop a square in the image's own pixels, then scale it to SIDE_PX.

    Args:
        path: the image.
        center: (2,) the square's, 0-based pixels.
        side: pixels.

    Returns:
        (SIDE_PX, SIDE_PX, 3) uint8 BGR.

    Raises:
        UserError: the image cannot be read.
    """
    pixels = max(1, round(float(side)))
    matrix = np.array([[1, 0, side / 2 - center[0]], [0, 1, side / 2 - center[1]]])
    part = cv2.warpAffine(read_image(path), matrix, (pixels, pixels))
    scaling = cv2.INTER_AREA if pixels > SIDE_PX else cv2.INTER_LINEAR
    return cv2.resize(part, (SIDE_PX, SIDE_PX), interpolation=scaling)


def image_text(image: np.ndarray) -> str:
    """An image as base64: JPEG of (H, W, 3) uint8 BGR, PNG of (H, W, 4) uint8 BGRA."""
    if image.shape[2] == 3:
        kind, options = ".jpg", [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    else:
        kind, options = ".png", [cv2.IMWRITE_PNG_COMPRESSION, 9]
    return base64.b64encode(cv2.imencode(kind, image, options)[1].tobytes()).decode()


def overlay(heatmaps: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Draw the highest of the heatmaps (K, h, w) at each pixel, in its colour (K, 3).

    Returns:
        (h, w, 4) uint8, the colour and an opacity that grows with the height.
    """
    shares = np.round(np.clip(heatmaps.max(axis=0), 0, 1) * (LEVELS - 1)) / (LEVELS - 1)
    color = colors[heatmaps.argmax(axis=0)] * (shares > 0)[..., None]
    return np.dstack([color, np.round(shares * PEAK * 255)]).astype(np.uint8)


def bgr_colors(keypoints: KeypointSet) -> np.ndarray:
    """Colours (K, 3) of the joints, uint8 BGR."""
    return np.array(joint_colors(keypoints), np.uint8)[:, ::-1]


def crops(study: Study, most: int) -> Dict[int, str]:
    """The crops of the ``most`` worst people as base64 JPEG, by the person's index.

    People without a readable image are left out.
    """
    texts: Dict[int, str] = {}
    for person in tqdm(study.scores.worst_first(), "crops", leave=False, disable=None):
        if len(texts) == most:
            break
        path = os.path.join(study.image_folder, study.people.images[person])
        crop = study.people.centers[person], study.people.crop_sides[person]
        try:
            texts[int(person)] = image_text(square(path, *crop))
        except UserError as error:
            logger.debug(f"record {person} has no image in the report: {error}")
    return texts


def heatmaps(
    study: Study, config: str, options: Sequence[str], people: Sequence[int]
) -> Dict[int, List[str]]:
    """Run a network on people whose image can be read.

    Args:
        study: the evaluation.
        config: the network's config.
        options: further keys of the config, ``KEY=VALUE``, such as ``weights``.
        people: their indices.

    Returns:
        By the person's index, the :func:`strip` of each stack as base64 PNG.

    Raises:
        UserError: the config or its weights are wrong, or an image cannot be read.
    """
    from ..predict.estimator import PoseEstimator
    from ..predict.open_network import open_network  # needs Paddle
    from ..predict.person_crops import cut

    estimator = PoseEstimator(
        *open_network(config, overrides=options, every_stack=True)
    )
    own = estimator.spec.keypoints
    if own.joints != study.keypoints.joints:
        raise UserError(
            f"{config} predicts the joints of {own.source}, but the results are of "
            f"{study.keypoints.source}"
        )
    colors = bgr_colors(study.keypoints)
    texts: Dict[int, List[str]] = {}
    moved = 0
    for person in tqdm(people, "heatmaps", leave=False, disable=None):
        path = os.path.join(study.image_folder, study.people.images[person])
        center = study.people.centers[person].astype(np.float32)
        scale = study.people.scales[person].astype(np.float32)
        pixels = cut(read_image(path), center, scale, estimator.spec.input_size)
        stacks = estimator.heatmaps_in(pixels[None])
        joints, _ = estimator.spec.codec.decode(stacks[-1:], center[None], scale[None])
        away = np.abs(joints[0] - study.predicted[person, :, :2]).max()
        moved += int(away > SAME_JOINT * study.people.crop_sides[person])
        texts[person] = [image_text(strip(stack, colors)) for stack in stacks]
    if moved:
        logger.warning(
            f"{config} predicts other joints than {study.results} in {moved} of the "
            f"{len(texts)} worst people: use the evaluation's config and weights"
        )
    return texts


def strip(stack: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Draw a stack's heatmaps (K, h, w): all in one square, and each in one below.

    Returns:
        ((1 + K) w, w, 4) uint8 BGRA, in the joints' ``colors`` (K, 3).  The squares are
        as wide as the crop and have its middle.
    """
    height, width = stack.shape[1:]
    rows = np.arange(width) + (height - width) // 2
    inside = (rows >= 0) & (rows < height)
    shown = stack[:, np.clip(rows, 0, height - 1)] * inside[:, None]
    each = [overlay(heat[None], color[None]) for heat, color in zip(shown, colors)]
    return np.concatenate([overlay(shown, colors), *each])
