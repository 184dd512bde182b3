"""From the bytes of an image file to pixels.

simplejpeg decodes JPEGs faster than OpenCV, to the same pixels.  OpenCV decodes all
other formats, and JPEGs that are damaged.
"""

import os
from typing import Optional, Tuple

import cv2
import numpy as np
import simplejpeg

from .jpeg_end import is_cut_off
from .jpeg_rows import upper_rows

#: Colours of an image -> how OpenCV makes them of its own.
COLORS = {"BGR": None, "RGB": cv2.COLOR_BGR2RGB, "RGBA": cv2.COLOR_BGR2RGBA}

#: By how much a JPEG can be shrunk while it is decoded -> OpenCV's flag.  Other
#: shares of its size take longer than the whole.
SHRINK = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
}

#: OpenCV crops only images whose sides are shorter than this, in pixels.
MAX_SIDE = 2**15 - 1

#: OpenCV's own limit, here for simplejpeg too, which has none: a JPEG of a few bytes
#: can state a size whose pixels take gigabytes.
MAX_PIXELS = int(os.environ.get("OPENCV_IO_MAX_IMAGE_PIXELS", 2**30))

#: First bytes of every PNG.
PNG = b"\x89PNG\r\n\x1a\n"


class Undecodable(Exception):
    """What is wrong with a file, as the predicate of a sentence."""


def decode(
    content: bytes, colors: str = "BGR", shrink: int = 1, rows: Optional[int] = None
) -> np.ndarray:
    """Decode an image.

    Args:
        content: of the file.
        colors: a key of ``COLORS``.
        shrink: a key of ``SHRINK``; 1 unless it is a JPEG.
        rows: how many of the upper rows are needed; None for all.  The image may have
            more.

    Returns:
        (H, W, C) uint8, as stored; an opaque alpha is a fourth channel.

    Raises:
        Undecodable: it is not an image, is a JPEG or PNG that is cut off, has a side of
            ``MAX_SIDE`` pixels or more, or more than ``MAX_PIXELS``.
    """
    if is_cut_off(content) or _is_png_cut_off(content):
        raise Undecodable("is cut off")
    image = _jpeg(content, colors, shrink, rows)
    return _any(content, colors, shrink) if image is None else image


def jpeg_size(content: bytes) -> Optional[Tuple[int, int]]:
    """Width and height of a JPEG from its first bytes; None if they do not say."""
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(content)
    except ValueError:
        return None
    return width, height


def _jpeg(
    content: bytes, colors: str, shrink: int, rows: Optional[int]
) -> Optional[np.ndarray]:
    """A JPEG's pixels; None for what simplejpeg refuses."""
    part = content if rows is None else upper_rows(content, rows)
    size = jpeg_size(part)
    if size is None:
        return None
    width, height = size
    _refuse_huge(height, width)
    try:
        return simplejpeg.decode_jpeg(
            part,
            colors,
            min_height=-(-height // shrink),
            min_width=-(-width // shrink),
            strict=part is content,  # the rows left out are a fault to it
        )
    except ValueError:
        return None


def _any(content: bytes, colors: str, shrink: int) -> np.ndarray:
    """The pixels of whatever OpenCV can decode."""
    flags = SHRINK[shrink] | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    except cv2.error:  # of an empty file, too
        image = None
    if image is None:
        raise Undecodable("cannot be read")
    _refuse_huge(*image.shape[:2])
    return image if COLORS[colors] is None else cv2.cvtColor(image, COLORS[colors])


def _is_png_cut_off(content: bytes) -> bool:
    """Whether a chunk of a PNG is longer than the rest of the file.

    OpenCV allocates what a chunk states, up to gigabytes, before it misses the bytes.
    """
    place = len(PNG) if content.startswith(PNG) else len(content)
    while place + 8 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        if content[place + 4 : place + 8] == b"IEND":
            return False
        place += length + 12  # with its length, type and checksum
    return place > len(content)


def _refuse_huge(height: int, width: int) -> None:
    if max(height, width) >= MAX_SIDE:
        raise Undecodable(
            f"has {width} x {height} pixels; a side may have {MAX_SIDE - 1}"
        )
    if height * width > MAX_PIXELS:
        raise Undecodable(
            f"has {width} x {height} pixels; an image may have {MAX_PIXELS} in all"
        )
