"""What is predicted on: an image, a folder of images, a video or a camera.

All give frames one after the other, so that one frame is in memory at a time.
"""

import logging
import os
import re
from dataclasses import dataclass
from typing import Iterator, List, Optional, Union

import cv2
import numpy as np

from ..errors import UserError
from ..predict.crops import read_picture

logger = logging.getLogger(__name__)

#: Endings of image files; of a folder, only these are taken.
IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")

#: Frames per second where a video or camera does not say.
USUAL_RATE = 25.0


@dataclass(frozen=True)
class Frame:
    """A picture of a source.

    Attributes:
        name: path of the image below the folder; of a video, its file name.
        number: COCO's ``image_id``: of a video's frame its place, from 0.
        image: (H, W, 3) uint8 BGR.
        in_video: whether it is a video's frame.
    """

    name: str
    number: int
    image: np.ndarray
    in_video: bool = False


@dataclass(frozen=True)
class Unreadable:
    """An image file that cannot be read, and why."""

    name: str
    problem: str


class Images:
    """Image files.

    Args:
        folder: that holds them.
        names: their paths below it, with ``/``.

    Attributes:
        numbers: the names' own, as of COCO's and MPII's images, where all are numbers
            and no two are the same; else places from 0.
        numbered: whether the former.
        length: how many.
    """

    def __init__(self, folder: str, names: List[str]) -> None:
        self.folder = folder
        self.names = names
        stems = [os.path.splitext(os.path.basename(name))[0] for name in names]
        numbers = [int(stem) for stem in stems if re.fullmatch("[0-9]+", stem)]
        self.numbered = len(set(numbers)) == len(names)
        self.numbers = numbers if self.numbered else list(range(len(names)))
        self.length: Optional[int] = len(names)

    def __iter__(self) -> Iterator[Union[Frame, Unreadable]]:
        for name, number in zip(self.names, self.numbers):
            try:
                image = read_picture(os.path.join(self.folder, name))
            except UserError as error:
                yield Unreadable(name, str(error))
            else:
                yield Frame(name, number, image)


class Video:
    """A video file or a camera.

    Args:
        source: path, or index of a camera.

    Attributes:
        path: as given; of a camera its index.
        name: file name, or ``camera_0``.
        rate: frames per second.
        length: number of frames as the file states it; None for a camera.

    Raises:
        UserError: it cannot be opened.
    """

    def __init__(self, source: Union[str, int]) -> None:
        camera = isinstance(source, int)
        self.path = str(source)
        self.name = f"camera_{source}" if camera else os.path.basename(self.path)
        self._capture = cv2.VideoCapture(source)
        if not self._capture.isOpened():
            if camera:
                raise UserError(f"camera {source} cannot be opened")
            raise UserError(
                f"input {source} is no image ({', '.join(IMAGES)}) and no video that "
                "can be opened"
            )
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 0 < rate < 1000 else USUAL_RATE
        length = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.length: Optional[int] = int(length) if length > 0 and not camera else None

    def __iter__(self) -> Iterator[Frame]:
        place = 0
        try:
            while True:
                there, image = self._capture.read()
                if not there:
                    break
                yield Frame(self.name, place, image, in_video=True)
                place += 1
        finally:
            self._capture.release()
        if self.length is not None and place < self.length:
            logger.warning(
                f"{self.path} states {self.length} frames, but only {place} "
                "could be read: is it cut off?"
            )


Source = Union[Images, Video]


def open_source(text: str, output: str = os.devnull) -> Source:
    """The source that ``--input`` names.

    Args:
        text: an image, a folder, a video, or the index of a camera.
        output: folder of the results, whose files are no input.

    Raises:
        UserError: there is no such thing, or a folder without images.
    """
    if os.path.isdir(text):
        return Images(text, _images_below(text, output))
    if not os.path.exists(text):
        if re.fullmatch("[0-9]+", text):
            return Video(int(text))
        raise UserError(f"input {text} does not exist")
    if text.lower().endswith(IMAGES):
        folder, name = os.path.split(text)
        return Images(folder, [name])
    return Video(text)


def _images_below(folder: str, output: str) -> List[str]:
    """Images in a folder and in those below it, in order; hidden ones are left out."""
    names = []
    for place, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [
            name
            for name in sorted(folders)
            if not name.startswith(".") and not _same(os.path.join(place, name), output)
        ]
        names += [
            os.path.relpath(os.path.join(place, name), folder).replace(os.sep, "/")
            for name in files
            if name.lower().endswith(IMAGES) and not name.startswith(".")
        ]
    if not names:
        raise UserError(
            f"folder {folder} holds no image ({', '.join(IMAGES)}), nor do those below"
        )
    return sorted(names)


def _same(path: str, other: str) -> bool:
    return os.path.realpath(path) == os.path.realpath(other)
