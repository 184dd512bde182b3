"""Sources of frames: an image, a folder of images, a video or a camera.

Each yields one frame at a time, so that only one is in memory.
"""

import logging
import os
import re
import stat
import time
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import Dict, Iterator, List, Optional, Set, Tuple, Union

import cv2
import numpy as np

from ..data.images import (
    STORED,
    UPRIGHT,
    image_header,
    number_in,
    orientation,
    read_image,
)
from ..errors import UserError

logger = logging.getLogger(__name__)

#: Endings of image files; other files of a folder are ignored.
JPEG_ENDINGS = (".jpg", ".jpeg", ".jpe", ".jfif")
IMAGE_ENDINGS = (*JPEG_ENDINGS, ".png", ".bmp", ".webp", ".tif", ".tiff")

#: Endings of images that are not read, which a folder's warning counts.
OTHER_ENDINGS = (".gif", ".avif", ".heic", ".heif")

#: Some formats state a duration, from which the number of frames is estimated: this
#: share of it may be missing at the end.
ESTIMATE = 0.02

#: Assumed for a video or camera that does not state its frame rate.
DEFAULT_FPS = Fraction(25)

#: Unreadable frames in a row after which a video has ended.
MOST_DAMAGED = 50

#: How FFmpeg's and HLS's lists of other files begin, and other descriptions.
PLAYLISTS = (b"ffconcat", b"#EXTM3U", b"<", b"v=0")

#: An address such as ``rtsp://camera/1``.
STREAM = re.compile("(?!file:)[a-z]+://", re.IGNORECASE)


@dataclass(frozen=True)
class Frame:
    """An image of a source.

    Attributes:
        name: path of the image below the folder, or file name of the video.
        number: COCO's ``image_id``; of a video, the frame's index from 0.
        image: (H, W, 3) uint8 BGR.
        in_video: whether it is a video's frame.
        pixels: ``upright``, or ``stored`` if the EXIF orientation was not applied.
        time: of a video, seconds since its first frame; None for the frame rate's.
    """

    name: str
    number: int
    image: np.ndarray
    in_video: bool = False
    pixels: str = UPRIGHT
    time: Optional[float] = None


class Images:
    """Image files; a file that cannot be read is skipped with a warning.

    Args:
        folder: folder of the images.
        names: their paths below it, with ``/``.

    Attributes:
        names: path of each image by its number.  If all file names are different
            numbers, as in COCO and MPII, these are the images' numbers (``numbered``);
            otherwise the images are numbered from 0.
        stored: numbers of the images to read as they are stored; all others are
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
        self._by_file_name: Dict[str, List[int]] = defaultdict(list)
        for number, name in self.names.items():
            self._by_file_name[os.path.basename(name)].append(number)

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

    @property
    def problem(self) -> str:
        """What could not be read, in words; empty if nothing."""
        if not self.skipped:
            return ""
        return (
            f"skipped {len(self.skipped)} of {self.length} images that could not be "
            f"read, first {self.skipped[0]}; the others are done"
        )

    def path(self, number: int) -> str:
        """Path of an image's file."""
        return os.path.join(self.folder, self.names[number])

    def size(self, number: int) -> Optional[Tuple[int, int]]:
        """Width and height of an image as it will be read; None if it cannot be."""
        path = self.path(number)
        try:
            (width, height), _ = image_header(path)
        except UserError:
            return None
        lies = number not in self.stored and orientation(path) > 4
        return (height, width) if lies else (width, height)

    def find(self, name: str) -> List[int]:
        """Numbers of the images with this path, or else with its file name."""
        found = self._by_file_name.get(os.path.basename(name), [])
        return [n for n in found if self.names[n] == name] or found


class Video:
    """A video file, a stream or a camera, which can be iterated over once.

    Args:
        source: path of the file, address of a stream, or index of a camera.

    Attributes:
        name: file name, or ``camera_0``.
        rate: frames per second, as stated; each frame has a time of its own.
        length: number of frames that the file states; None for a camera.
        problem: after the last frame, why there should have been more; empty if not.

    Raises:
        UserError: the video or camera cannot be opened.
    """

    def __init__(self, source: Union[str, int]) -> None:
        camera = isinstance(source, int)
        self.path, self.problem = str(source), ""
        self._live = camera or STREAM.match(self.path) is not None
        name = os.path.basename(
            re.split("[?#]", self.path)[0] if self._live else source
        )
        self.name = f"camera_{source}" if camera else name or "stream"
        self._capture = cv2.VideoCapture(source)
        if not self._capture.isOpened():
            raise UserError(
                f"{'camera' if camera else 'stream'} {source} cannot be opened"
                if self._live
                else f"input {source} is neither an image ({', '.join(IMAGE_ENDINGS)}) "
                "nor a video that can be opened"
            )
        # A phone's video is upright: OpenCV 5 turns it by default, OpenCV 4 does not.
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        # The file states a fraction such as 30000/1001; OpenCV gives 29.97002997.
        known = 0.001 < rate < 1000
        self.rate = Fraction(rate).limit_denominator(100_000) if known else DEFAULT_FPS
        sides = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        self._side = int(max(map(self._capture.get, sides)))
        length = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        known = length > 0 and not self._live
        self.length: Optional[int] = int(length) if known else None

    def __iter__(self) -> Iterator[Frame]:
        count = damaged = 0
        first = before = 0.0
        lost: List[int] = []
        most = 0 if self._live else MOST_DAMAGED
        try:
            while damaged <= most:
                image = self._capture.read()[1]
                if image is None:
                    damaged += 1
                    continue
                lost += range(count, count + damaged)
                count, damaged = count + damaged, 0
                milliseconds = self._capture.get(cv2.CAP_PROP_POS_MSEC)
                now = time.monotonic() if self._live else milliseconds / 1000
                first = first if count else now
                seconds = now - first
                if count and not before < seconds < np.inf:  # the format knows no times
                    seconds = before + float(1 / self.rate)
                before = seconds
                yield Frame(self.name, count, image, True, time=seconds)
                count += 1
        finally:
            self._capture.release()
        stated, read = self.length or 0, count - len(lost)
        if read == 0:
            self.problem = f"{self.path} has no readable frame"
        elif stated - read > max(1, ESTIMATE * stated):
            self.problem = (
                f"{self.path} states {stated} frames, but only {read} could be read: "
                "is it cut off? These are done"
            )
        elif lost:
            self.problem = (
                f"{self.path}: {count_of(len(lost), 'frame')} could not be read, "
                f"{lost[0]} first; the others are done"
            )

    def size(self, number: int) -> Optional[Tuple[int, int]]:
        """The longer side of every frame, twice: a phone's frames may be turned."""
        return (self._side, self._side) if self._side else None


Source = Union[Images, Video]


def count_of(number: int, singular: str, plural: str = "") -> str:
    """``1 person``, ``2 people``; the plural adds an ``s`` unless given."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def open_source(text: str, output: str = os.devnull) -> Source:
    """Open an image, a folder, a video, a stream by its address, a camera by its index.

    ``output`` is the folder of the results, which is left out below the input.
    """
    if os.path.isdir(text):
        return Images(text, _images_below(text, output))
    if not os.path.exists(text):
        if re.fullmatch("[0-9]+", text):
            return Video(int(text))
        if STREAM.match(text):
            return Video(text)
        raise UserError(f"input {text} does not exist")
    if stat.S_ISFIFO(os.stat(text).st_mode):
        raise UserError(f"input {text} is a pipe: name a file")
    if text.lower().endswith(IMAGE_ENDINGS):
        folder, name = os.path.split(text)
        return Images(folder, [name])
    if os.path.isfile(text):  # not /dev/video0
        with open(text, "rb") as file:
            start = file.read(64).lstrip(b"\xef\xbb\xbf")
        if start.startswith(PLAYLISTS):
            raise UserError(f"input {text} lists other files: name a video")
    return Video(text)


def _images_below(folder: str, output: str) -> List[str]:
    """Sorted paths of all images below a folder, except hidden ones and results."""
    names: List[str] = []
    unread: List[str] = []
    results = os.path.realpath(output)
    for parent, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".")
            and os.path.realpath(os.path.join(parent, name)) != results
        ]
        names += [
            os.path.relpath(os.path.join(parent, name), folder).replace(os.sep, "/")
            for name in files
            if name.lower().endswith(IMAGE_ENDINGS) and not name.startswith(".")
        ]
        unread += [name for name in files if name.lower().endswith(OTHER_ENDINGS)]
    if unread:
        logger.warning(
            f"{folder}: {len(unread)} images are not read ({', '.join(OTHER_ENDINGS)}"
            f"), {unread[0]} first: convert them to one of {', '.join(IMAGE_ENDINGS)}"
        )
    if not names:
        endings = ", ".join(IMAGE_ENDINGS)
        raise UserError(f"{folder} and the folders below it hold no image ({endings})")
    return sorted(names)
