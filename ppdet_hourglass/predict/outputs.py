"""Writers of drawn frames: images into a folder, a video's frames into a video."""

import logging
import math
import os
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, Iterator, Union

import cv2
import numpy as np

from ..errors import UserError, one_line
from ..files import write_whole
from .sources import JPEG_ENDINGS, Frame, Images, Source

logger = logging.getLogger(__name__)

#: H.264 in .mp4, with colour planes of half the size and the index at the front, so
#: that browsers play it.
VIDEO_ENDING = ".mp4"
CODEC, LAYOUT, IN_FRONT = "libx264", "yuv420p", {"movflags": "+faststart"}

#: x264's quality scale: at this step fine lines stay clean.
QUALITY = {"crf": "18"}

#: Least number of time steps per second of a video.
STEPS = 10_000

#: Seconds within which a frame's time is rounded to a multiple of the frame rate's.
EXACT = 0.002


class ImageFolder:
    """Writes drawn images, each at its input's path below the folder."""

    def __init__(self, folder: str) -> None:
        self.path = folder

    def write(self, frame: Frame, drawn: np.ndarray) -> None:
        """Write an image (H, W, 3) uint8 BGR."""
        path = os.path.join(self.path, frame.name)
        ending = os.path.splitext(path)[1].lower()
        kind = ".jpg" if ending in JPEG_ENDINGS else ending
        _, content = cv2.imencode(kind, drawn)
        write_whole(path, content.tobytes())

    def close(self) -> None:
        """Do nothing: every image is complete already."""


class DrawnVideo:
    """Writes drawn frames to an ``.mp4``, which gets its final name when it is closed.

    Args:
        path: path of the video.
        rate: frames per second.  A frame whose time differs keeps its time.

    Raises:
        ModuleNotFoundError: PyAV is not installed.
    """

    def __init__(self, path: str, rate: Fraction) -> None:
        import av

        self.path = path
        self._av = av
        self._rate = rate
        steps = math.ceil(STEPS / rate.numerator)
        self._step = Fraction(1, rate.numerator * steps)  # seconds; a frame is exact
        self._count, self._last = 0, -1
        self._unfinished = path[: -len(VIDEO_ENDING)] + ".tmp" + VIDEO_ENDING
        self._file: Any = None

    def write(self, frame: Frame, drawn: np.ndarray) -> None:
        """Append an image (H, W, 3) uint8 BGR; all must have the same size.

        The colour planes have half the size, so an odd last row or column is doubled.
        """
        odd = [side % 2 for side in drawn.shape[:2]]
        even = cv2.copyMakeBorder(drawn, 0, odd[0], 0, odd[1], cv2.BORDER_REPLICATE)
        pixels = cv2.cvtColor(even, cv2.COLOR_BGR2YUV_I420)
        with self._explained():
            if self._file is None:
                path, options = self._unfinished, {"container_options": IN_FRONT}
                self._file = self._av.open(path, "w", **options)
                self._stream = self._file.add_stream(CODEC, self._rate, options=QUALITY)
                self._stream.height, self._stream.width = even.shape[:2]
                self._stream.pix_fmt = LAYOUT
                self._stream.codec_context.time_base = self._step
                self._file.start_encoding()
            image = self._av.VideoFrame.from_ndarray(pixels, format=LAYOUT)
            time = self._count / self._rate
            if frame.time is not None:
                time = round(frame.time * self._rate) / self._rate
                if abs(time - frame.time) > EXACT:
                    time = Fraction(frame.time)
            self._count += 1
            self._last = max(round(time / self._step), self._last + 1)
            image.pts, image.time_base = self._last, self._step
            self._file.mux(self._stream.encode(image))

    def close(self) -> None:
        """Finish the file; without a frame, no file is written."""
        if self._file is None:
            return
        with self._explained():
            self._file.mux(self._stream.encode())
            self._file.close()
            os.replace(self._unfinished, self.path)
        self._file = None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Remove a video that cannot be written, and raise the reason."""
        try:
            yield
        except (self._av.FFmpegError, OSError, ValueError) as error:  # no such codec
            self._file = None
            if os.path.isfile(self._unfinished):
                os.remove(self._unfinished)
            problem = getattr(error, "strerror", None) or one_line(error)
            raise UserError(f"video {self.path} cannot be written: {problem}") from None


Output = Union[ImageFolder, DrawnVideo]


def open_output(source: Source, folder: str) -> Output:
    """Open the writer for a source's drawn frames; refuse to replace the input."""
    if isinstance(source, Images):
        if os.path.realpath(folder) == os.path.realpath(source.folder or "."):
            raise UserError(f"output folder {folder} is the input folder: name another")
        return ImageFolder(folder)
    path = os.path.join(folder, os.path.splitext(source.name)[0] + VIDEO_ENDING)
    if os.path.realpath(path) == os.path.realpath(source.path):
        raise UserError(f"output {path} is the input: name another folder")
    output = DrawnVideo(path, source.rate)
    if _has_sound(source.path):
        logger.info(f"{source.path}: its sound is not copied to {path}")
    return output


def _has_sound(path: str) -> bool:
    import av

    try:
        with av.open(path if os.path.isfile(path) else os.devnull) as file:
            return bool(file.streams.audio)
    except (av.FFmpegError, OSError, ValueError):
        return False
