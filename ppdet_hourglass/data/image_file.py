"""An image file that is decoded when its crop is known, no larger than necessary.

A JPEG decodes twice as fast at half its size, so the crop's scale decides the size.
"""

from dataclasses import dataclass
from typing import Optional, Tuple

import cv2
import numpy as np

from .decoding import SHRINK
from .images import image_header, read_image

#: Matrices here are (3, 3) and map (x, y, 1) of one pixel grid to another; positions
#: are 0-based, whole numbers in the middle of pixels.
UNCHANGED = np.eye(3)


@dataclass(frozen=True)
class ImageFile:
    """An image that has not been read.

    Attributes:
        path: the file.
        size: width and height in pixels of the original.
        to_original: (3, 3) from the file's pixels to the original's, of which the file
            may hold a part at another scale.
        can_shrink: whether it is a JPEG.
        record: the record that names the image, for messages.
    """

    path: str
    size: Tuple[int, int]
    to_original: np.ndarray
    can_shrink: bool
    record: Optional[str] = None

    @classmethod
    def of_original(cls, path: str, record: Optional[str] = None) -> "ImageFile":
        """Read the header of an original.

        Raises:
            UserError: the file does not exist or is not an image.
        """
        size, is_jpeg = image_header(path, record)
        return cls(path, size, UNCHANGED, is_jpeg, record)

    def read_for(
        self, to_crop: np.ndarray, size: Tuple[int, int]
    ) -> Tuple[np.ndarray, np.ndarray]:
        """Decode as much of the image as a crop shows, shrunk by less than it shrinks.

        Args:
            to_crop: (3, 3) from the original's pixels to the crop's.
            size: width and height of the crop.

        Returns:
            (H, W, 4) uint8 RGBA; (3, 3) from its pixels to the crop's.

        Raises:
            UserError: the file cannot be read as an image.
        """
        to_crop = to_crop @ self.to_original
        room = 1 / np.hypot(*to_crop[:2, 0])  # file pixels per crop pixel
        fitting = [factor for factor in SHRINK if factor <= room and self.can_shrink]
        factor = max(fitting, default=1)
        rows = lowest_row(to_crop, size) + 1
        image = read_image(
            self.path, self.record, colors="RGBA", shrink=factor, rows=max(rows, 0)
        )
        return image, to_crop @ scaling(factor)


def scaling(x: float, y: Optional[float] = None) -> np.ndarray:
    """(3, 3) matrix that enlarges an image by ``x``, and by ``y`` in height.

    The upper left corner of the image, not the middle of its first pixel, stays.
    """
    y = x if y is None else y
    return np.array([[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5], [0, 0, 1]], np.float64)


def lowest_row(to_crop: np.ndarray, size: Tuple[int, int]) -> int:
    """The lowest row of an image that a crop's pixels touch, if it reaches so far.

    Args:
        to_crop: (3, 3) from the image's pixels to the crop's.
        size: width and height of the crop.
    """
    x, y, offset = np.linalg.inv(to_crop)[1]
    return int(np.ceil(max(-x, x * size[0]) + max(-y, y * size[1]) + offset))


def warp(image: np.ndarray, to_crop: np.ndarray, size: Tuple[int, int]) -> np.ndarray:
    """Warp an image; OpenCV takes half the time for four channels of that for three.

    Args:
        image: (H, W, 4) uint8 RGBA.
        to_crop: (3, 3) from its pixels to the crop's.
        size: width and height of the crop.

    Returns:
        (height, width, 3) uint8 RGB, black outside the image.
    """
    return cv2.cvtColor(cv2.warpAffine(image, to_crop[:2], size), cv2.COLOR_RGBA2RGB)
