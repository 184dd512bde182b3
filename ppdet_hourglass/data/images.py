"""Reading an image file."""

import cv2
import numpy as np

from ..errors import UserError


def read_image(path: str, record: str) -> np.ndarray:
    """Pixels as annotators saw them: MPII's ignore the camera's EXIF rotation.

    Args:
        path: image file.
        record: whose image it is, for the message.

    Returns:
        (H, W, 3) uint8 BGR.

    Raises:
        UserError: the file is no image that can be read.
    """
    image = cv2.imread(path, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if image is None:
        raise UserError(f"{record}: image {path} cannot be read")
    return image
