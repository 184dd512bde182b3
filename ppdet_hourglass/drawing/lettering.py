"""Text in pictures, by Pillow, whose built-in font has more than OpenCV's ASCII."""

from typing import Tuple

import numpy as np

#: Dark gray: the same in RGB and BGR.
TEXT = (40, 40, 40)


def write_text(
    picture: np.ndarray, text: str, at: Tuple[int, int], size: int, anchor: str = "lm"
) -> None:
    """Write one line into a picture.

    Args:
        picture: (H, W, 3) uint8, changed in place.
        text: the line.
        at: x and y of the anchor, pixels.
        size: of the font, pixels.
        anchor: Pillow's: ``lm`` for the left end's middle, ``rm`` for the right end's.
    """
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(picture)
    font = ImageFont.load_default(size)
    ImageDraw.Draw(image).text(at, text, fill=TEXT, font=font, anchor=anchor)
    picture[:] = np.asarray(image)
