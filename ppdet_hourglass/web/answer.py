"""What the page shows for an upload and the boxes that a visitor draws in it.

Letters: H x W pixels of the image.
"""

import os
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional, Tuple

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from ..data.images import UPRIGHT, number_in, read_image
from ..drawing import draw_people
from ..drawing.poses import add_ring
from ..errors import UserError
from ..predict.estimator import PoseEstimator
from ..predict.run import pose_row
from ..predict.sources import Frame, count_of

#: x and y in pixels of the upright image, 0 at the left or upper edge.
Point = Tuple[float, float]

#: x, y, width and height in those pixels.
Box = Tuple[float, float, float, float]

#: Smallest box, as a share of the image's longer side; smaller ones are slips.
LEAST_SIDE = 0.02

#: Longer side of the image that is shown, pixels: the page does not enlarge images.
SHOWN_PX = 1000

#: Kinds of images, as Pillow calls them; no other decoder runs.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")

#: Largest file, and largest image, which takes three bytes per pixel.
MAX_FILE = "20mb"
MAX_PIXELS = 50_000_000


@dataclass(frozen=True)
class Asked:
    """An image with a visitor's boxes.

    Attributes:
        path: file of the upload.
        name: the visitor's name for it.
        boxes: the boxes drawn so far.
        corner: first corner of the next box.
    """

    path: str
    name: str
    boxes: Tuple[Box, ...] = ()
    corner: Optional[Point] = None

    def clicked(self, point: Point, least: float) -> "Asked":
        """Take a click as the next corner: two opposite ones make a box.

        A click less than ``least`` pixels from the first corner replaces it.
        """
        if self.corner is None:
            return replace(self, corner=point)
        (left, right), (top, bottom) = map(sorted, zip(self.corner, point))
        if min(right - left, bottom - top) < least:
            return replace(self, corner=point)
        box = (left, top, right - left, bottom - top)
        return replace(self, boxes=(*self.boxes, box), corner=None)


@dataclass(frozen=True)
class Answer:
    """What the page shows.

    Attributes:
        image: uint8 RGB, with the poses, ``SHOWN_PX`` on its longer side.
        records: people as in the results file of ``infer``.
        text: what was found, and where.
    """

    image: np.ndarray
    records: List[Dict[str, Any]]
    text: str


def read_upload(path: str, name: str, folder: str) -> Frame:
    """Decode an uploaded image, and turn it upright.

    Args:
        path: where the upload lies, as the visitor's browser tells.
        name: the visitor's name for it.
        folder: folder of the uploads; no other file is read.

    Raises:
        UserError: it is no upload, no image, damaged, or too large.
    """
    name = os.path.basename(name) or "image"
    root = os.path.realpath(folder)
    is_file = os.path.isfile(path)  # no pipe, which would block
    if not is_file or os.path.commonpath([os.path.realpath(path), root]) != root:
        raise UserError(f"{name} was not uploaded to this page")
    try:
        with Image.open(path, formats=FORMATS) as header:
            pixels = header.width * header.height
    except Image.DecompressionBombError:
        pixels = MAX_PIXELS + 1
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise UserError(
            f"{name} is not an image that can be read: JPEG, PNG, WebP, BMP or TIFF is "
            "expected"
        ) from None
    if pixels > MAX_PIXELS:
        raise UserError(
            f"{name} has more than {MAX_PIXELS // 10**6} million pixels: shrink it"
        )
    try:
        image = read_image(path, pixels=UPRIGHT)
    except UserError:
        raise UserError(f"{name} is damaged: it cannot be decoded") from None
    return Frame(name, number_in(name) or 0, image)


def shown_zoom(image: np.ndarray) -> float:
    """Pixels of the shown image per pixel of an image (H, W, 3)."""
    return SHOWN_PX / max(image.shape[:2])


def answer(estimator: PoseEstimator, frame: Frame, asked: Asked) -> Answer:
    """Predict the people in the visitor's boxes or else in the detector's.

    Without both, the whole image is one person.
    """
    boxes = list(asked.boxes) or None
    poses = estimator(frame.image, boxes)
    zoom = shown_zoom(frame.image)
    scaling = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    shown = cv2.resize(frame.image, None, fx=zoom, fy=zoom, interpolation=scaling)
    zoomed = [
        replace(
            pose, keypoints=zoom * (pose.keypoints + 0.5) - 0.5, box=zoom * pose.box
        )
        for pose in poses
    ]
    whole = boxes is None and estimator.detector is None
    shown = draw_people(shown, zoomed, estimator.spec.keypoints, boxes=not whole)
    found = count_of(len(poses), "person", "people")
    if asked.corner is not None:
        add_ring(shown, zoom * np.array(asked.corner))
        text = "Now click the opposite corner."
    elif asked.boxes:
        text = f"{found} in your {'box' if len(poses) == 1 else 'boxes'}."
    elif whole:
        text = "The whole image counts as one person."
    else:
        text = f"The detector found {found}."
    records = [pose_row(frame, pose) for pose in poses]
    return Answer(cv2.cvtColor(shown, cv2.COLOR_BGR2RGB), records, text)
