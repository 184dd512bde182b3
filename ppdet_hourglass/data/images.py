"""Reading an image file, as it is stored or turned upright.

A camera held sideways stores a picture sideways and tells its readers, by the EXIF
orientation, how to turn it.  MPII's and COCO's positions are in the pixels as stored;
whoever looks at a photo, labels it or detects people in it has it upright.
"""

import os
import re
from typing import Optional

import cv2
import numpy as np

from ..errors import UserError

#: The two kinds of pixels that a position in a picture may be in.
STORED, UPRIGHT = "stored", "upright"

#: EXIF orientation -> what makes a stored picture upright: whether rows and columns
#: change places, then whether the picture is mirrored left to right, and top to
#: bottom (EXIF 2.32, table 5).
TURNS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}

#: Number of the EXIF tag.
ORIENTATION = 0x0112


def read_image(
    path: str, record: Optional[str] = None, pixels: str = STORED
) -> np.ndarray:
    """Read an image file.

    Args:
        path: image file.
        record: whose image it is, for the message.
        pixels: ``stored``, as in the data sets; or ``upright``, as in a viewer.

    Returns:
        (H, W, 3) uint8 BGR.

    Raises:
        UserError: the file does not exist, or is no image that can be read.
    """
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imread(path, flags) if os.path.isfile(path) else None
    if image is None:
        problem = "cannot be read" if os.path.exists(path) else "does not exist"
        prefix = "" if record is None else f"{record}: "
        raise UserError(f"{prefix}image {path} {problem}")
    return turned(image, orientation(path)) if pixels == UPRIGHT else image


def orientation(path: str) -> int:
    """EXIF orientation of an image file, 1 to 8; 1 (upright) where it has none.

    It is 1 for TIFF, which OpenCV turns upright whatever it is asked for.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            tag = 1 if image.format == "TIFF" else image.getexif().get(ORIENTATION)
    except Exception:  # Pillow has no common error for damaged EXIF data
        return 1
    return tag if tag in TURNS else 1


def turned(image: np.ndarray, tag: int) -> np.ndarray:
    """Turn a stored picture (H, W, 3) upright; (W, H, 3) for tags from 5 on."""
    transposed, left_right, top_bottom = TURNS[tag]
    image = image.transpose(1, 0, 2) if transposed else image
    image = image[:: -1 if top_bottom else 1, :: -1 if left_right else 1]
    return np.ascontiguousarray(image)


def stored_points(points: np.ndarray, size: np.ndarray, tag: int) -> np.ndarray:
    """Where points of the upright picture are in the stored one.

    Args:
        points: (..., 2) x and y, 0 at the left or upper edge of the upright picture.
        size: (2,) width and height of the upright picture.
        tag: EXIF orientation.

    Returns:
        (..., 2) x and y, 0 at the left or upper edge of the stored picture.
    """
    transposed, *mirrored = TURNS[tag]
    points = np.where(mirrored, size - points, points)
    return points[..., ::-1] if transposed else points


def number_in(name: str) -> Optional[int]:
    """Number that is an image's name, as of COCO's and MPII's; None if it is none."""
    stem = os.path.splitext(os.path.basename(name))[0]
    return int(stem) if re.fullmatch("[0-9]+", stem) else None
