"""Text in pictures, by Pillow: its font, unlike OpenCV's, has more than ASCII."""

from typing import Tuple

import numpy as np

#: Dark gray: the same in RGB and BGR.
TEXT = (40, 40, 40)


def write_text(
    picture: np.ndarray, text: str, at: Tuple[int, int], size: int, anchor: str = "lm"
) -> None:
    """Write one line into a picture (H, W, 3) uint8, changed in place.

    Args:
        at: x and y of the anchor, pixels.
        size: font size, pixels.
        anchor: ``lm`` for the left end of the line, ``rm`` for the right end.
    """
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(picture)
    font = ImageFont.load_default(size)
    ImageDraw.Draw(image).text(at, text, fill=TEXT, font=font, anchor=anchor)
    picture[:] = np.asarray(image)
