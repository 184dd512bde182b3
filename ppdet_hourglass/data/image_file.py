"""An image file that is decoded when its crop is known, no larger than necessary.

A JPEG decodes twice as fast at half its size, so the crop's scale decides the size.
"""

from dataclasses import dataclass
from typing import Optional, Tuple

import numpy as np

from .images import SHRINK, image_header, read_image

#: Matrices here are (3, 3) and map (x, y, 1) of one pixel grid to another; positions
#: are 0-based, whole numbers in the middle of pixels.
UNCHANGED = np.eye(3)


@dataclass(frozen=True)
class ImageFile:
    """An image that has not been read.

    Attributes:
        path: the file.
        size: width and height in pixels of the original.
        to_file: (3, 3) from the original's pixels to the file's, which may hold a part
            of the original at another scale.
        can_shrink: whether it is a JPEG.
        record: the record that names the image, for messages.
    """

    path: str
    size: Tuple[int, int]
    to_file: np.ndarray
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

    def read_for(self, to_crop: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """Decode the image, shrunk by less than a crop shrinks it.

        Args:
            to_crop: (3, 3) from the original's pixels to the crop's.

        Returns:
            (H, W, 3) uint8 BGR; (3, 3) from its pixels to the crop's.

        Raises:
            UserError: the file cannot be read as an image.
        """
        to_crop = to_crop @ np.linalg.inv(self.to_file)
        room = abs(np.linalg.det(to_crop[:2, :2])) ** -0.5  # file pixels per crop pixel
        fitting = [factor for factor in SHRINK if factor <= room and self.can_shrink]
        factor = max(fitting, default=1)
        image = read_image(self.path, self.record, shrink=factor)
        return image, to_crop @ scaling(factor)


def scaling(x: float, y: Optional[float] = None) -> np.ndarray:
    """(3, 3) matrix that enlarges an image by ``x``, and by ``y`` in height.

    The upper left corner of the image, not the middle of its first pixel, stays.
    """
    y = x if y is None else y
    return np.array([[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5], [0, 0, 1]], np.float64)
