"""Read an image file completely, as stored or turned upright.

A camera held sideways stores its image sideways, and the EXIF orientation says how to
turn it upright.  MPII's and COCO's positions are in stored pixels; viewers, labelling
tools and detectors use the upright image.

simplejpeg decodes JPEGs faster than OpenCV, to the same pixels.  OpenCV decodes all
other formats and damaged JPEGs.  A truncated file is refused, because OpenCV would
decode it to an image with a grey part.
"""

import os
import re
import stat
from threading import Lock
from typing import Any, Optional, Tuple

import cv2
import numpy as np
import simplejpeg

from ..errors import UserError
from .jpeg import END, START, is_sequential, lacks_end, upper_rows

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

#: Colours of an image -> OpenCV's conversion from its own.
COLORS = {"BGR": None, "RGB": cv2.COLOR_BGR2RGB, "RGBA": cv2.COLOR_BGR2RGBA}

#: Factor by which a JPEG can be shrunk during decoding -> OpenCV's flag.  Other
#: fractions of its size take longer than the full size.
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

#: No image has positions beyond this; drawing would overflow.
MAX_PIXEL = 1e6

#: Bytes in which most JPEGs say their size, which Pillow takes longer to find.
JPEG_HEADER = 2**16

#: First bytes of every PNG.
PNG = b"\x89PNG\r\n\x1a\n"

#: Held while Pillow's limit on pixels, which all threads share, is lifted.
PILLOW_LIMIT = Lock()


class ImageError(UserError):
    """An image that is missing, cannot be read or is cut off."""


class CutOffError(ImageError):
    """An image whose end is missing."""


def read_image(
    path: str, record: Optional[str] = None, pixels: str = STORED, **decoding: Any
) -> np.ndarray:
    """Read an image file.

    Args:
        path: image file.
        record: the record that names the image, for messages.
        pixels: ``stored``, as in the data sets; or ``upright``, as in a viewer.
        decoding: options of :func:`decode`.

    Returns:
        (H, W, 3) uint8 BGR, or other ``colors``.

    Raises:
        ImageError: the file does not exist, is no regular file, or cannot be decoded.
    """
    try:
        check_regular(path)
        with open(path, "rb") as file:
            content = file.read()
        image = decode(content, **decoding)
    except (OSError, ValueError) as error:
        raise _named(error, path, record) from None
    return turn_upright(image, orientation(path)) if pixels == UPRIGHT else image


def refuse_cut_off(path: str, record: Optional[str] = None) -> None:
    """Raise :class:`CutOffError` for a JPEG that is cut off, before others read it.

    Of a file that ends as it should, only the end is read.
    """
    try:
        check_regular(path)
        with open(path, "rb") as file:
            if file.read(len(START)) == START:
                file.seek(-len(END), os.SEEK_END)
                if file.read() != END:
                    file.seek(0)
                    complete_jpeg(file.read())
    except (OSError, ValueError) as error:
        raise _named(error, path, record) from None


def image_header(
    path: str, record: Optional[str] = None
) -> Tuple[Tuple[int, int], bool]:
    """Width and height of an image as stored, and whether it is a JPEG.

    It is not decoded.  Raises :class:`ImageError` as :func:`read_image` does.
    """
    try:
        check_regular(path)
        with open(path, "rb") as file:
            size = jpeg_size(file.read(JPEG_HEADER))
        if size:
            return size, True
        with open_by_pillow(path) as image:
            return image.size, image.format in ("JPEG", "MPO")
    except (OSError, ValueError):
        height, width = read_image(path, record).shape[:2]  # or the reason why not
        return (width, height), False


def orientation(path: str) -> int:
    """EXIF orientation of an image file, 1 to 8; 1 (upright) if it has none.

    It is 1 for every TIFF, because OpenCV always turns these upright.
    """
    try:
        check_regular(path)
        with open_by_pillow(path) as image:
            tag = 1 if image.format == "TIFF" else image.getexif().get(ORIENTATION)
    except Exception:  # Pillow has no common error for damaged EXIF data
        return 1
    return tag if tag in TURNS else 1


def turn_upright(image: np.ndarray, tag: int) -> np.ndarray:
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


def decode(
    content: bytes, colors: str = "BGR", shrink: int = 1, rows: Optional[int] = None
) -> np.ndarray:
    """Decode the content of an image file.

    Args:
        content: of the file.
        colors: a key of ``COLORS``.
        shrink: a key of ``SHRINK``; 1 unless it is a JPEG.
        rows: how many of the upper rows are needed; None for all.  The image may have
            more.

    Returns:
        (H, W, C) uint8, as stored; an opaque alpha is a fourth channel.

    Raises:
        ImageError: it is not an image, is a JPEG or PNG that is cut off, has a side of
            ``MAX_SIDE`` pixels or more, or more than ``MAX_PIXELS``.
    """
    content = complete_jpeg(content)
    part = content if rows is None else upper_rows(content, rows)
    image = _decoded_jpeg(part, colors, shrink, strict=part is content)
    if image is not None:
        return image
    flags = SHRINK[shrink] | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    except cv2.error:  # of an empty file, too
        image = None
    if image is None:
        raise ImageError("cannot be read")
    _refuse_huge(*image.shape[:2])
    return image if COLORS[colors] is None else cv2.cvtColor(image, COLORS[colors])


def complete_jpeg(content: bytes) -> bytes:
    """A JPEG's content with its end, which some cameras and optimisers omit.

    Raises:
        CutOffError: more is missing, or the end of a PNG.  Of a progressive
            JPEG this cannot be told, because it looks whole after each of its scans.
    """
    # OpenCV allocates what a chunk states, up to gigabytes, before it misses the bytes.
    place = len(PNG) if content.startswith(PNG) else len(content)
    while place + 8 <= len(content) and content[place + 4 : place + 8] != b"IEND":
        # with its length, type and checksum
        place += int.from_bytes(content[place : place + 4], "big") + 12
    if place > len(content):
        raise CutOffError("is cut off")
    if not lacks_end(content):
        return content
    if is_sequential(content):
        content += END
        if _decoded_jpeg(content, "BGR", 1, strict=True) is not None:
            return content
    raise CutOffError("is cut off")


def jpeg_size(content: bytes) -> Optional[Tuple[int, int]]:
    """Width and height of a JPEG from its first bytes; None if they do not say."""
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(content)
    except ValueError:
        return None
    return width, height


def check_regular(path: str) -> None:
    """Refuse anything but a regular file, such as a pipe, which may block."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ImageError("is not a regular file")


def open_by_pillow(path: str) -> Any:
    """Open an image for its header, of whatever size it is."""
    from PIL import Image

    with PILLOW_LIMIT:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(path)
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _named(error: Exception, path: str, record: Optional[str]) -> ImageError:
    """The error of a file, with its name."""
    problem = str(error) if isinstance(error, ImageError) else "cannot be read"
    if isinstance(error, FileNotFoundError):
        problem = "does not exist"
    kind = type(error) if isinstance(error, ImageError) else ImageError
    prefix = "" if record is None else f"{record}: "
    name = path if path.isprintable() else repr(path)
    return kind(f"{prefix}image {name} {problem}")


def _decoded_jpeg(
    content: bytes, colors: str, shrink: int, strict: bool
) -> Optional[np.ndarray]:
    """A JPEG's pixels; None for what simplejpeg refuses, ``strict`` or not."""
    size = jpeg_size(content)
    if size is None:
        return None
    width, height = size
    _refuse_huge(height, width)
    try:
        return simplejpeg.decode_jpeg(
            content,
            colors,
            min_height=-(-height // shrink),
            min_width=-(-width // shrink),
            strict=strict,
        )
    except ValueError:
        return None


def _refuse_huge(height: int, width: int) -> None:
    for limit, number, what in (
        (MAX_SIDE - 1, max(height, width), "a side"),
        (MAX_PIXELS, height * width, "an image"),
    ):
        if number > limit:
            raise ImageError(f"has {width} x {height} pixels; {what} may have {limit}")
