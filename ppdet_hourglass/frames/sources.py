"""What is predicted on: an image, a folder of images, a video or a camera.

All give frames one after the other, so that one frame is in memory at a time.
"""

import logging
import os
import re
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import Dict, Iterator, List, Optional, Set, Union

import cv2
import numpy as np

from ..data.images import STORED, UPRIGHT, number_in, read_image
from ..errors import UserError

logger = logging.getLogger(__name__)

#: Endings of image files; of a folder, only these are taken.
IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")

#: Frames per second where a video or camera does not say.
USUAL_RATE = Fraction(25)


@dataclass(frozen=True)
class Frame:
    """A picture of a source.

    Attributes:
        name: path of the image below the folder; of a video, its file name.
        number: COCO's ``image_id``: of a video's frame its place, from 0.
        image: (H, W, 3) uint8 BGR.
        in_video: whether it is a video's frame.
        pixels: ``upright``; or ``stored`` if the image was not turned as its EXIF
            orientation says.
    """

    name: str
    number: int
    image: np.ndarray
    in_video: bool = False
    pixels: str = UPRIGHT


class Images:
    """Image files; those that cannot be read are skipped with a warning.

    Args:
        folder: that holds them.
        names: their paths below it, with ``/``.

    Attributes:
        names: each image's number and path.  Numbers are the names' own, as of COCO's
            and MPII's images, where all are numbers and no two are the same; else
            places from 0.
        numbered: whether the former.
        length: how many.
        stored: numbers of the images that are read as they are stored; the others are
            turned upright.
        skipped: paths of the images that could not be read.
    """

    def __init__(self, folder: str, names: List[str]) -> None:
        self.folder = folder
        own = [number_in(name) for name in names]
        self.numbered = None not in own and len(set(own)) == len(names)
        self.names = dict(zip(own, names)) if self.numbered else dict(enumerate(names))
        self.length: Optional[int] = len(names)
        self.stored: Set[int] = set()
        self.skipped: List[str] = []
        self._numbers: Dict[str, List[int]] = defaultdict(list)
        for number, name in self.names.items():
            for known in {name, os.path.basename(name)}:
                self._numbers[known].append(number)

    def __iter__(self) -> Iterator[Frame]:
        self.skipped = []
        for number, name in self.names.items():
            pixels = STORED if number in self.stored else UPRIGHT
            try:
                image = read_image(self.path(number), pixels=pixels)
            except UserError as error:
                logger.warning(f"skipped: {error}")
                self.skipped.append(name)
            else:
                yield Frame(name, number, image, pixels=pixels)

    def path(self, number: int) -> str:
        """File of an image."""
        return os.path.join(self.folder, self.names[number])

    def find(self, name: str) -> List[int]:
        """Numbers of the images of a path or, if there is none, of a name."""
        found = self._numbers.get(name) or self._numbers.get(os.path.basename(name), [])
        return [n for n in found if self.names[n] == name] or found


class Video:
    """A video file or a camera; it can be read once.

    Args:
        source: path, or index of a camera.

    Attributes:
        path: as given; of a camera its index.
        name: file name, or ``camera_0``.
        rate: frames per second.
        length: number of frames as the file states it; None for a camera.
        skipped: nothing.

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
        # A file states a fraction: 30000/1001, where OpenCV says 29.97002997.
        known = 0.001 < rate < 1000
        self.rate = Fraction(rate).limit_denominator(100_000) if known else USUAL_RATE
        self.skipped: List[str] = []
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
                f"{self.path} states {self.length} frames, but only {place} could be "
                "read: is it cut off?"
            )


Source = Union[Images, Video]


def counted(number: int, one: str, several: str = "") -> str:
    """``1 person``, ``2 people``; by default several have an ``s``."""
    return f"{number} {one if number == 1 else several or one + 's'}"


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
