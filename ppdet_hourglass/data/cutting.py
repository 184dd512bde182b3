"""Crop people from their images, with room for every rotation and scale.

Letters: K joints.  All positions are 0-based pixels.
"""

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Iterator, List, NamedTuple, Sequence, Tuple

import cv2
import numpy as np

from ..errors import UserError
from ..files import write_whole
from .crop import PIXELS_PER_SCALE
from .image_file import scaling
from .images import image_header, read_image

#: Cut pixels per network pixel in the crop without augmentation: the smallest random
#: scale of the recipe, 0.5, enlarges by two thirds then.  docs/speed.md has the times
#: and the differences in grey levels that other values give.
OVERSAMPLING = 1.2

#: Quality of the JPEGs; docs/speed.md compares others.
QUALITY = 90

#: Pixels around the region that bilinear interpolation may touch.
BORDER = 2

#: Size of a half-body crop in sizes of its joints' box, in PaddleDetection.
HALF_BODY_PADDING = 1.5

#: People per task of a process.
CHUNK = 8

Crop = Tuple[np.ndarray, float]


def reach(augmentation: Any) -> Tuple[float, float]:
    """Width and height, in crop widths, of what augmented crops can show.

    Args:
        augmentation: a transform with the options ``rot`` (degrees; angles reach twice
            that), ``scale`` (factors reach 1 + scale) and ``aspect_ratio``.

    Returns:
        (2.12, 2.12) for the recipe's square crops.
    """
    limit = np.deg2rad(min(2 * augmentation.rot, 90))
    cos, sin = (f(np.linspace(0, limit, 181)) for f in (np.cos, np.sin))
    height = 1 / augmentation.aspect_ratio
    largest = 1 + augmentation.scale
    sides = (cos + height * sin, sin + height * cos)
    return tuple(round(float(largest * side.max()), 3) for side in sides)


def crops_of(
    center: np.ndarray,
    scale: np.ndarray,
    joints: np.ndarray,
    visible: np.ndarray,
    augmentation: Any,
) -> List[Crop]:
    """A person's crop and, if the augmentation takes them, those of half a body.

    Args:
        center: (2,) of the crop.
        scale: (2,) width and height of the crop / 200 px.
        joints: (K, 2).
        visible: (K,) 1 where annotated.
        augmentation: as in :func:`reach`, with ``prob_half_body``, ``upper_body_ids``.

    Returns:
        Centre (2,) and width of each; the first is the whole person's.
    """
    crops = [(np.asarray(center), float(scale[0]) * PIXELS_PER_SCALE)]
    if not augmentation.prob_half_body:
        return crops
    upper = np.isin(np.arange(len(joints)), augmentation.upper_body_ids)
    for half in (upper, ~upper):
        chosen = joints[half & (visible > 0)]
        if len(chosen) > 1:
            width, height = np.ptp(chosen, axis=0)
            width = max(width, height * augmentation.aspect_ratio)
            crops.append((chosen.mean(axis=0), float(width) * HALF_BODY_PADDING))
    return crops


def region(
    crops: List[Crop], reach: Tuple[float, float], size: Tuple[int, int]
) -> np.ndarray:
    """Left, top, right and bottom, whole pixels, of what augmented crops show.

    The region does not leave the image, of which ``size`` is width and height.
    """
    half = np.asarray(reach) / 2
    lowest = np.min([center - half * width for center, width in crops], axis=0)
    highest = np.max([center + half * width for center, width in crops], axis=0)
    last = np.asarray(size) - 1
    start = np.clip(np.floor(lowest) - BORDER, 0, last)
    end = np.clip(np.ceil(highest) + BORDER, start, last) + 1
    return np.concatenate([start, end]).astype(int)


def shrunk_size(
    box: np.ndarray, crop_width: float, input_width: int
) -> Tuple[int, int]:
    """Width and height to which a region ``box`` is shrunk, never enlarged.

    ``crop_width`` is that of the crop without augmentation, in the image's pixels;
    ``input_width`` that of the network's input.
    """
    zoom = min(1.0, OVERSAMPLING * input_width / crop_width)
    width, height = np.maximum(np.rint((box[2:] - box[:2]) * zoom), 1).astype(int)
    return int(width), int(height)


def to_cut(box: np.ndarray, size: Tuple[int, int]) -> np.ndarray:
    """(3, 3) from an image's pixels to those of its region, shrunk to ``size``."""
    move = np.array([[1, 0, -box[0]], [0, 1, -box[1]], [0, 0, 1]], np.float64)
    return scaling(*(np.asarray(size) / (box[2:] - box[:2]))) @ move


class Job(NamedTuple):
    """A person to cut out of ``image`` into the JPEG ``output``.

    The others are what :func:`crops_of` and :func:`reach` return, and the width of the
    network's input.
    """

    image: str
    output: str
    crops: List[Crop]
    reach: Tuple[float, float]
    input_width: int


def cut_out(job: Job) -> Tuple[Tuple[int, int], np.ndarray]:
    """Write a person's JPEG, unless it exists.

    Returns:
        Width and height of the image; (3, 3) from its pixels to the JPEG's.

    Raises:
        UserError: the image cannot be read, or the JPEG cannot be written.
    """
    size, _ = image_header(job.image)
    box = region(job.crops, job.reach, size)
    cut_size = shrunk_size(box, job.crops[0][1], job.input_width)
    if not os.path.exists(job.output):
        left, top, right, bottom = box
        part = read_image(job.image)[top:bottom, left:right]
        part = cv2.resize(part, cut_size, interpolation=cv2.INTER_AREA)
        options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
        write_whole(job.output, cv2.imencode(".jpg", part, options)[1].tobytes())
    return size, to_cut(box, cut_size)


def cut_out_all(
    jobs: Sequence[Job], workers: int
) -> Iterator[Tuple[Tuple[int, int], np.ndarray]]:
    """Run :func:`cut_out` on each job, in order, in ``workers`` processes."""
    with ProcessPoolExecutor(workers, initializer=_set_up_worker) as pool:
        try:
            yield from pool.map(cut_out, jobs, chunksize=CHUNK)
        except BrokenProcessPool:
            problem = "a process that cut people out ended (was memory short?)"
            raise UserError(f"{problem}: run it again with fewer --workers") from None


def _set_up_worker() -> None:
    """Leave Ctrl-C to the main process, and the cores to the other processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(0)
