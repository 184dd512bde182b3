"""The image of a sample, which is read when a transform needs it.

The stock transforms take all of its pixels.  ``TopDownCrop`` first finds out which part
of the file the network's crop shows, and at which scale: a JPEG decodes twice as fast
at half its size.

Matrices are (3, 3) and map (x, y, 1) of one pixel grid to another; positions are
0-based, whole numbers in the middle of pixels.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Dict, Optional, Tuple

import numpy as np

from .images import SHRINK, image_header, read_image


class Sample(Dict[str, Any]):
    """A person's sample, whose ``image`` is read on first use.

    Args:
        file: the image's file, also an attribute.
        values: the sample's other values.
    """

    def __init__(self, file: "ImageFile", values: Dict[str, Any]) -> None:
        super().__init__(values)
        self.file = file

    def __missing__(self, key: str) -> np.ndarray:
        """Read the image, (H, W, 3) uint8 RGB."""
        if key != "image":
            raise KeyError(key)
        self[key] = self.file.read()
        return self[key]

    def through(self, transform: Any) -> Dict[str, Any]:
        """The sample after a transform, or a reader's chain of them; None changes none.

        PaddleDetection's chain, if called, logs the stack of an unreadable image.
        """
        sample = self
        steps = [] if transform is None else [transform]
        for step in getattr(transform, "transforms_cls", steps):
            sample = step(sample)
        return sample


@dataclass(frozen=True)
class ImageFile:
    """An image that has not been read.

    Attributes:
        path: the file.
        record: the record that names the image, for messages.
        original_size: width and height in pixels of the original; None for the file's
            own.
        to_original: (3, 3) from the file's pixels to the original's, of which the file
            may hold a part at another scale; None if it is the original.
    """

    path: str
    record: Optional[str] = None
    original_size: Optional[Tuple[int, int]] = None
    to_original: Optional[np.ndarray] = None

    @property
    def size(self) -> Tuple[int, int]:
        """Width and height of the original."""
        return self.original_size or self._header[0]

    @cached_property
    def _header(self) -> Tuple[Tuple[int, int], bool]:
        return image_header(self.path, self.record)

    def read(self) -> np.ndarray:
        """All of the file, (H, W, 3) uint8 RGB; raises :class:`ImageError`."""
        return read_image(self.path, self.record, colors="RGB")

    def read_for(
        self, to_crop: np.ndarray, size: Tuple[int, int]
    ) -> Tuple[np.ndarray, np.ndarray]:
        """Decode the part of the image that a crop shows, at a sufficient size.

        Args:
            to_crop: (3, 3) from the original's pixels to the crop's.
            size: width and height of the crop.

        Returns:
            (H, W, 4) uint8 RGBA; (3, 3) from its pixels to the crop's.

        Raises:
            ImageError: the file cannot be read as an image.
        """
        if self.to_original is not None:
            to_crop = to_crop @ self.to_original
        room = 1 / np.hypot(*to_crop[:2, 0])  # file pixels per crop pixel
        fitting = [factor for factor in SHRINK if factor <= room]
        factor = max(fitting, default=1)
        if factor > 1 and not self._header[1]:  # no JPEG
            factor = 1
        x, y, offset = np.linalg.inv(to_crop)[1]
        lowest = max(-x, x * size[0]) + max(-y, y * size[1]) + offset
        rows = max(int(np.ceil(lowest)) + 1, 0)
        options = {"colors": "RGBA", "shrink": factor, "rows": rows}
        image = read_image(self.path, self.record, **options)
        return image, to_crop @ scaling(factor)


def scaling(x: float, y: Optional[float] = None) -> np.ndarray:
    """(3, 3) matrix that enlarges an image by ``x``, and by ``y`` in height.

    The upper left corner of the image, not the middle of its first pixel, stays.
    """
    y = x if y is None else y
    return np.array([[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5], [0, 0, 1]], np.float64)
