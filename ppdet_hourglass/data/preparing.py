"""Cutting people out of their pictures, in several processes."""

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Iterator, List, Sequence, Tuple

import cv2
import numpy as np

from ..errors import UserError
from ..files import write_whole
from .cutting import Crop, region, shrunk_size, to_cut
from .images import image_header, read_image

#: People whom a process takes at once.
CHUNK = 8


@dataclass(frozen=True)
class Job:
    """A person to cut out.

    Attributes:
        image: file of the person's image.
        picture: JPEG to write; if it exists, it is kept.
        crops: as :func:`~ppdet_hourglass.data.cutting.crops_of` returns them.
        reach: as :func:`~ppdet_hourglass.data.cutting.reach` returns it.
        input_width: of the network's input, pixels.
        quality: of the JPEG.
    """

    image: str
    picture: str
    crops: List[Crop]
    reach: Tuple[float, float]
    input_width: int
    quality: int


def cut_out(job: Job) -> Tuple[Tuple[int, int], np.ndarray]:
    """Write a person's picture, unless it exists.

    Returns:
        Width and height of the image; (3, 3) from its pixels to the picture's.

    Raises:
        UserError: the image cannot be read, or the picture cannot be written.
    """
    size, _ = image_header(job.image)
    box = region(job.crops, job.reach, size)
    cut_size = shrunk_size(box, job.crops[0][1], job.input_width)
    if not os.path.exists(job.picture):
        left, top, right, bottom = box
        part = read_image(job.image)[top:bottom, left:right]
        part = cv2.resize(part, cut_size, interpolation=cv2.INTER_AREA)
        options = [cv2.IMWRITE_JPEG_QUALITY, job.quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
        write_whole(job.picture, cv2.imencode(".jpg", part, options)[1].tobytes())
    return size, to_cut(box, cut_size)


def cut_out_all(
    jobs: Sequence[Job], workers: int
) -> Iterator[Tuple[Tuple[int, int], np.ndarray]]:
    """Run :func:`cut_out` on each job, in order, in ``workers`` processes.

    Raises:
        UserError: as :func:`cut_out`, or a process ended.
    """
    with ProcessPoolExecutor(workers, initializer=_leave_ctrl_c) as pool:
        try:
            yield from pool.map(cut_out, jobs, chunksize=CHUNK)
        except BrokenProcessPool:
            raise UserError(
                "a process that cut people out ended (was memory short?); the same "
                "command with fewer --workers goes on where it stopped"
            ) from None


def _leave_ctrl_c() -> None:
    """Leave Ctrl-C to the main process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(0)
