"""Reading an image file as stored, or turned upright by its EXIF orientation.

A camera held sideways stores its image sideways, and the EXIF orientation says how to
turn it upright.  MPII's and COCO's positions are in stored pixels; viewers, labelling
tools and detectors use the upright image.
"""

import os
import re
from typing import Any, Optional, Tuple

import numpy as np

from ..errors import UserError
from .decoding import Undecodable, decode, jpeg_size
from .jpeg_end import is_file_cut_off

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

#: Bytes in which most JPEGs say their size, which Pillow takes longer to find.
JPEG_HEADER = 2**16

#: No image has positions beyond this; drawing would overflow.
MAX_PIXEL = 1e6


class ImageError(UserError):
    """An image that is missing, cannot be read or is cut off."""


def read_image(
    path: str, record: Optional[str] = None, pixels: str = STORED, **decoding: Any
) -> np.ndarray:
    """Read an image file.

    Args:
        path: image file.
        record: the record that names the image, for messages.
        pixels: ``stored``, as in the data sets; or ``upright``, as in a viewer.
        decoding: options of :func:`~ppdet_hourglass.data.decoding.decode`.

    Returns:
        (H, W, 3) uint8 BGR, or other ``colors``.

    Raises:
        ImageError: the file does not exist, cannot be read as an image, is a JPEG that
            is cut off, or is larger than :mod:`~ppdet_hourglass.data.decoding` takes.
    """
    prefix = "" if record is None else f"{record}: "
    try:
        image = decode(_content(path), **decoding)
    except Undecodable as problem:
        raise ImageError(f"{prefix}image {path} {problem}") from None
    return turned(image, orientation(path)) if pixels == UPRIGHT else image


def _content(path: str) -> bytes:
    if not os.path.isfile(path):
        raise Undecodable(
            "cannot be read" if os.path.exists(path) else "does not exist"
        )
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        raise Undecodable("cannot be read") from None


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
        with open(path, "rb") as file:
            size = jpeg_size(file.read(JPEG_HEADER))
        if size:
            return size, True
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
