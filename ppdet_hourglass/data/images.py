"""Reading an image file as stored, or turned upright by its EXIF orientation.

A camera held sideways stores its image sideways, and the EXIF orientation says how to
turn it upright.  MPII's and COCO's positions are in stored pixels; viewers, labelling
tools and detectors use the upright image.
"""

import os
import re
from typing import Optional, Tuple

import cv2
import numpy as np

from ..errors import UserError
from .jpeg_end import is_cut_off, is_file_cut_off

#: The two pixel grids that a position may refer to.
STORED, UPRIGHT = "stored", "upright"

#: EXIF orientation -> how to turn a stored image upright: whether to transpose it, then
#: whether to mirror it left to right, and top to bottom (EXIF 2.32, table 5).
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

#: EXIF tag of the orientation.
ORIENTATION = 0x0112

#: By how much a JPEG can be shrunk while it is decoded -> OpenCV's flag.
SHRINK = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
}

#: OpenCV crops only images whose sides are shorter than this, in pixels.
MAX_SIDE = 2**15 - 1

#: No image has positions beyond this; drawing would overflow.
MAX_PIXEL = 1e6


class ImageError(UserError):
    """An image that is missing, cannot be read or is cut off."""


def read_image(
    path: str, record: Optional[str] = None, pixels: str = STORED, shrink: int = 1
) -> np.ndarray:
    """Read an image file.

    Args:
        path: image file.
        record: the record that names the image, for messages.
        pixels: ``stored``, as in the data sets; or ``upright``, as in a viewer.
        shrink: 1; for a JPEG also 2 or 4, to decode it at a half or a quarter of its
            size, which takes half the time.

    Returns:
        (H, W, 3) uint8 BGR.

    Raises:
        ImageError: the file does not exist, cannot be read as an image, is a JPEG that
            is cut off, or has a side of ``MAX_SIDE`` pixels or more.
    """
    flags = SHRINK[shrink] | cv2.IMREAD_IGNORE_ORIENTATION
    prefix = "" if record is None else f"{record}: "
    image, problem = _decode(path, flags)
    if image is None:
        raise ImageError(f"{prefix}image {path} {problem}")
    return turned(image, orientation(path)) if pixels == UPRIGHT else image


def _decode(path: str, flags: int) -> Tuple[Optional[np.ndarray], str]:
    """An image, or None and what is wrong with the file."""
    if not os.path.isfile(path):
        return None, "cannot be read" if os.path.exists(path) else "does not exist"
    try:
        content = np.fromfile(path, np.uint8)  # OpenCV takes longer
        if is_cut_off(content.tobytes()):
            return None, "is cut off"
        image = cv2.imdecode(content, flags) if content.size else None
    except (OSError, cv2.error):
        image = None
    if image is None:
        return None, "cannot be read"
    if max(image.shape) >= MAX_SIDE:
        height, width = image.shape[:2]
        return None, f"has {width} x {height} pixels; a side may have {MAX_SIDE - 1}"
    return image, ""


def refuse_cut_off(path: str, record: str) -> None:
    """Refuse a JPEG that is cut off, before another library reads it.

    Raises:
        ImageError: it is, or the file cannot be read.
    """
    try:
        problem = "is cut off" if is_file_cut_off(path) else ""
    except OSError:
        problem = "cannot be read"
    if problem:
        raise ImageError(f"{record}: image {path} {problem}")


def image_header(
    path: str, record: Optional[str] = None
) -> Tuple[Tuple[int, int], bool]:
    """Width and height of an image as stored, and whether it is a JPEG.

    It is not decoded.

    Args:
        path: image file.
        record: the record that names the image, for messages.

    Raises:
        ImageError: the file does not exist or is not an image.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            return image.size, image.format in ("JPEG", "MPO")
    except OSError:
        height, width = read_image(path, record).shape[:2]  # or the reason why not
        return (width, height), False


def orientation(path: str) -> int:
    """EXIF orientation of an image file, 1 to 8; 1 (upright) if it has none.

    It is 1 for every TIFF, because OpenCV always turns these upright.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            tag = 1 if image.format == "TIFF" else image.getexif().get(ORIENTATION)
    except Exception:  # Pillow has no common error for damaged EXIF data
        return 1
    return tag if tag in TURNS else 1


def turned(image: np.ndarray, tag: int) -> np.ndarray:
    """Turn a stored image (H, W, 3) upright; tags 5 to 8 give (W, H, 3)."""
    transposed, left_right, top_bottom = TURNS[tag]
    image = image.transpose(1, 0, 2) if transposed else image
    image = image[:: -1 if top_bottom else 1, :: -1 if left_right else 1]
    return np.ascontiguousarray(image)


def stored_points(points: np.ndarray, size: np.ndarray, tag: int) -> np.ndarray:
    """Map points of the upright image to the stored image.

    Args:
        points: (..., 2) x and y, 0 at the left or upper edge of the upright image.
        size: (2,) width and height of the upright image, pixels.
        tag: EXIF orientation.

    Returns:
        (..., 2) x and y, 0 at the left or upper edge of the stored image.
    """
    transposed, *mirrored = TURNS[tag]
    points = np.where(mirrored, size - points, points)
    return points[..., ::-1] if transposed else points


def number_in(name: str) -> Optional[int]:
    """The number that names an image in COCO and MPII; None for other names."""
    stem = os.path.splitext(os.path.basename(name))[0]
    return int(stem) if re.fullmatch("[0-9]+", stem) else None
