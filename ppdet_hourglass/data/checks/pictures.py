"""Looking at image files in several processes."""

import signal
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Iterator, Optional, Sequence, Tuple

import cv2

from ..images import (
    CutOffError,
    ImageError,
    image_header,
    orientation,
    read_image,
    refuse_cut_off,
)
from .problems import CUT_OFF, MISSING, UNREADABLE, Problem

#: Images that a process takes at once.
CHUNK = 32


@dataclass(frozen=True)
class Picture:
    """What is known about an image file.

    Attributes:
        size: width and height in pixels as stored; None if it cannot be read.
        tag: EXIF orientation.
        problem: what is wrong with it, None if nothing is.
        detail: the same in words.
    """

    size: Optional[Tuple[int, int]] = None
    tag: int = 1
    problem: Optional[Problem] = None
    detail: str = ""


def look_at(path: str, decode: bool = False) -> Picture:
    """Read a header and, of a JPEG, the end; with ``decode`` all pixels."""
    size = None
    try:
        size, _ = image_header(path)
        refuse_cut_off(path)
        if decode:
            size = read_image(path).shape[1::-1]
    except ImageError as error:
        problem = UNREADABLE
        if isinstance(error, CutOffError):
            problem = CUT_OFF
        elif str(error).endswith("does not exist"):
            problem = MISSING
        return Picture(size, problem=problem, detail=str(error))
    return Picture(size, orientation(path))


def look_at_all(paths: Sequence[str], decode: bool, workers: int) -> Iterator[Picture]:
    """Run :func:`look_at` on each path, in order, in ``workers`` processes."""
    look = partial(look_at, decode=decode)
    if workers == 1:
        yield from map(look, paths)
        return
    with ProcessPoolExecutor(workers, initializer=_set_up) as pool:
        yield from pool.map(look, paths, chunksize=CHUNK)


def _set_up() -> None:
    """Leave Ctrl-C to the main process, and the cores to the other processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(0)
