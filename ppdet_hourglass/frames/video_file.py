"""Writing a video, frame by frame."""

import os
from typing import Optional

import cv2
import numpy as np

from ..errors import UserError

#: MPEG-4 in .mp4, which OpenCV's wheels can write everywhere.
CODEC = "mp4v"
ENDING = ".mp4"

#: MPEG-4 keeps frame rates as fractions with 16 bits: more than this many frames a
#: second leave room for two digits after the point, not three.
FINE_RATE = 65


class VideoFile:
    """A video that is written; it has its name when it is closed.

    Args:
        path: ends in ``.mp4``.
        rate: frames per second.

    Raises:
        UserError: it cannot be written.
    """

    def __init__(self, path: str, rate: float) -> None:
        self.path = path
        self._rate = round(rate, 2) if rate > FINE_RATE else rate
        self._unfinished = path[: -len(ENDING)] + ".tmp" + ENDING
        self._writer: Optional[cv2.VideoWriter] = None

    def write(self, image: np.ndarray) -> None:
        """Add a frame.

        Args:
            image: (H, W, 3) uint8 BGR, all of one size; of an odd width or height
                the codec leaves out the last column or row.
        """
        if self._writer is None:
            self._writer = self._open(image)
        self._writer.write(image)

    def _open(self, image: np.ndarray) -> cv2.VideoWriter:
        height, width = image.shape[:2]
        codec = cv2.VideoWriter_fourcc(*CODEC)
        size = (width, height)
        writer = cv2.VideoWriter(self._unfinished, codec, self._rate, size)
        if not writer.isOpened():
            raise UserError(
                f"video {self.path} cannot be written ({width}x{height}, "
                f"{self._rate:g} frames a second)"
            )
        return writer

    def close(self) -> None:
        """Finish the file; without a frame there is none."""
        if self._writer is not None:
            self._writer.release()
            self._writer = None
            try:
                os.replace(self._unfinished, self.path)
            except OSError as error:
                os.remove(self._unfinished)
                raise UserError(
                    f"video {self.path} cannot be written: {error.strerror}"
                ) from None
