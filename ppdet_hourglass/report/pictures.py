"""People's crops as JPEG text, for the page to hold."""

import base64
import logging
import os
from typing import Dict

import cv2
import numpy as np
from tqdm import tqdm

from ..data.images import read_image
from ..errors import UserError
from .study import Study

logger = logging.getLogger(__name__)

SIDE_PX, JPEG_QUALITY = 288, 80


def crops(one: Study, image_folder: str, most: int, room: int) -> Dict[int, str]:
    """Cut out the worst people, as base64 JPEG by the person's index.

    Args:
        one: the evaluation.
        image_folder: folder of the pictures; people without one are left out.
        most: largest number of crops.
        room: largest number of characters, which may make it fewer crops.
    """
    texts: Dict[int, str] = {}
    worst = one.worst_pictured()[:most]
    for person in tqdm(worst, "cutting people out", leave=False, disable=None):
        path = os.path.join(image_folder, one.people.images[person])
        try:
            crop = square(path, one.centers[person], one.sides[person])
            text = jpeg_text(crop)
        except UserError as error:
            logger.warning(f"person {person} has no picture in the report: {error}")
            continue
        room -= len(text)
        if room < 0:
            logger.info(f"the page has room for {len(texts)} pictures, the worst")
            break
        texts[person] = text
    return texts


def square(path: str, center: np.ndarray, side: float) -> np.ndarray:
    """Cut a square out in the picture's own pixels, then scale it to SIDE_PX.

    Args:
        path: the picture.
        center: (2,) the square's, 0-based pixels.
        side: pixels.

    Returns:
        (SIDE_PX, SIDE_PX, 3) uint8 BGR.

    Raises:
        UserError: the picture cannot be read.
    """
    pixels = max(1, round(float(side)))
    matrix = np.array([[1, 0, side / 2 - center[0]], [0, 1, side / 2 - center[1]]])
    part = cv2.warpAffine(read_image(path), matrix, (pixels, pixels))
    scaling = cv2.INTER_AREA if pixels > SIDE_PX else cv2.INTER_LINEAR
    return cv2.resize(part, (SIDE_PX, SIDE_PX), interpolation=scaling)


def jpeg_text(crop: np.ndarray) -> str:
    """A picture (H, W, 3) uint8 BGR as base64 JPEG."""
    jpeg = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    return base64.b64encode(jpeg.tobytes()).decode()
