"""Where drawn frames go."""

import os
from typing import Union

import cv2
import numpy as np

from ..errors import UserError
from ..files import write_whole
from .sources import Frame, Images, Source
from .video_file import ENDING, VideoFile


class PictureFolder:
    """Drawn images, under the paths that they have below the input folder."""

    def __init__(self, folder: str) -> None:
        self.path = folder

    def write(self, frame: Frame, picture: np.ndarray) -> None:
        """Write a picture (H, W, 3) uint8 BGR, whole.

        Raises:
            UserError: it cannot be written.
        """
        path = os.path.join(self.path, frame.name)
        _, content = cv2.imencode(os.path.splitext(path)[1], picture)
        write_whole(path, content.tobytes())

    def close(self) -> None:
        """All pictures are whole already."""


class DrawnVideo:
    """The drawn frames of one video."""

    def __init__(self, path: str, rate: float) -> None:
        self.path = path
        self._file = VideoFile(path, rate)

    def write(self, frame: Frame, picture: np.ndarray) -> None:
        """Add a picture (H, W, 3) uint8 BGR."""
        self._file.write(picture)

    def close(self) -> None:
        """Finish the video."""
        self._file.close()


Output = Union[PictureFolder, DrawnVideo]


def open_output(source: Source, folder: str) -> Output:
    """Where the drawn frames of a source go.

    Raises:
        UserError: they would replace the input.
    """
    if isinstance(source, Images):
        if os.path.realpath(folder) == os.path.realpath(source.folder or "."):
            raise UserError(f"output folder {folder} is the input's: name another")
        return PictureFolder(folder)
    path = os.path.join(folder, os.path.splitext(source.name)[0] + ENDING)
    if os.path.realpath(path) == os.path.realpath(source.path):
        raise UserError(f"output {path} is the input: name another folder")
    return DrawnVideo(path, source.rate)
