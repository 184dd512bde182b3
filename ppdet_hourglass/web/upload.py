"""Pictures that somebody dropped on the page."""

import os

from PIL import Image, UnidentifiedImageError

from ..data.images import UPRIGHT, number_in, read_image
from ..errors import UserError
from ..predict.sources import Frame

#: Kinds of pictures, as Pillow calls them; no other decoder runs.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")

#: Largest file, and largest picture, which takes three bytes per pixel.
MAX_FILE = "20mb"
MAX_PIXELS = 50_000_000


def read_upload(path: str, name: str) -> Frame:
    """Decode an uploaded picture, and turn it upright.

    Args:
        path: where the upload lies.
        name: what the visitor called it.

    Raises:
        UserError: it is no picture, damaged, or too large.
    """
    name = os.path.basename(name) or "picture"
    try:
        with Image.open(path, formats=FORMATS) as header:
            pixels = header.width * header.height
    except Image.DecompressionBombError:
        pixels = MAX_PIXELS + 1
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise UserError(
            f"{name} is not a picture that can be read: JPEG, PNG, WebP, BMP or TIFF "
            "is expected"
        ) from None
    if pixels > MAX_PIXELS:
        raise UserError(
            f"{name} has more than {MAX_PIXELS // 10**6} million pixels: shrink it"
        )
    try:
        image = read_image(path, pixels=UPRIGHT)
    except UserError:
        raise UserError(f"{name} is damaged: it cannot be decoded") from None
    return Frame(name, number_in(name) or 0, image)
