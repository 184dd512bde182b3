"""Crops of people: from images and boxes to the network's input.

Letters: M people of an image, W x H pixels of a crop.  Boxes are x, y, width, height
in 0-based image pixels.
"""

import os
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Optional, Sequence, Tuple, Union

import cv2
import numpy as np

from ..data.crop import PADDING, PIXELS_PER_SCALE, crops_of_boxes
from ..data.images import UPRIGHT, orientation, read_image
from ..errors import UserError

#: A path, or (H, W, 3) uint8 BGR pixels.
Image = Union[str, "os.PathLike[str]", np.ndarray]

#: (H, W, 3) uint8 BGR pixels -> boxes (M, 4), or (M, 5) with scores, of the people.
FindPeople = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Crop:
    """A person, cut out of an image.

    Attributes:
        image: index of the image.
        pixels: (H, W, 3) uint8 BGR.
        center: (2,) 0-based image pixels.
        scale: (2,) width and height of the crop / 200 image pixels.
        box: (4,) float32, the person's box.
        score: score of the box.
    """

    image: int
    pixels: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    box: np.ndarray
    score: float


def crops_in(
    images: Sequence[Image],
    boxes: Sequence[Optional[np.ndarray]],
    size: Tuple[int, int],
    find_people: Optional[FindPeople] = None,
) -> Iterator[Crop]:
    """Yield crops of size (W, H) of all people, holding one image at a time.

    ``boxes`` are the result of :func:`check_boxes` for each image, or None: then
    ``find_people`` finds them or, without it, the whole image is one person, who is
    cropped without padding.
    """
    for index, (image, rows) in enumerate(zip(images, boxes)):
        pixels = image_pixels(image, boxes_given=rows is not None)
        table, padding = rows, PADDING
        if rows is None and find_people is not None:
            table = check_boxes(find_people(pixels))
        elif rows is None:
            height, width = pixels.shape[:2]
            table, padding = np.array([[0, 0, width, height, 1.0]]), 1.0
        centers, scales = crops_of_boxes(table[:, :4], size[0] / size[1], padding)
        for (*box, score), center, scale in zip(table, centers, scales):
            person = cut(pixels, center, scale, size)
            yield Crop(index, person, center, scale, np.float32(box), float(score))


def image_pixels(image: Image, boxes_given: bool = False) -> np.ndarray:
    """Return an image as (H, W, 3) uint8 BGR; a file is turned upright.

    The boxes of a file that its EXIF orientation turns are ambiguous, and refused.
    """
    if isinstance(image, np.ndarray):
        if image.ndim == 3 and image.shape[2] == 3 and image.dtype == np.uint8:
            return image
        given = f"{image.shape}, {image.dtype}"
        raise UserError(f"an image must be (H, W, 3), uint8, but got {given}")
    path = os.fspath(image)
    if boxes_given and orientation(path) != 1:
        raise UserError(
            f"image {path} is turned by its EXIF orientation {orientation(path)}: read "
            "it, and give the pixels, stored or upright, that its boxes are in"
        )
    return read_image(path, pixels=UPRIGHT)


def check_boxes(rows: Any, corners: bool = False) -> np.ndarray:
    """Check boxes (M, 4), or (M, 5) with a score, an empty list for nobody.

    Returns:
        (M, 5) float64 x, y, width, height, score; a missing score becomes 1.
    """
    columns = "left, top, right, bottom" if corners else "x, y, width, height"
    try:
        table = np.array(rows, np.float64)
    except (TypeError, ValueError):
        table = np.empty(np.shape(np.asarray(rows, object)))
    table = np.zeros((0, 4)) if table.size == 0 else table
    if table.ndim != 2 or table.shape[1] not in (4, 5):
        needed = f"(M, 4), {columns}, or (M, 5) with a score"
        raise UserError(f"boxes must have the shape {needed}, but got {table.shape}")
    if corners:
        table[:, 2:4] -= table[:, :2]
    wrong = ~np.isfinite(table).all(axis=1) | (table[:, 2:4] <= 0).any(axis=1)
    if wrong.any():
        index = int(wrong.argmax())
        given = f"{np.asarray(rows[index], np.float64).tolist()} ({columns})"
        raise UserError(f"box {index} must be wider and higher than 0, but is {given}")
    return np.hstack([table, np.ones((len(table), 1))])[:, :5]


def cut(
    image: np.ndarray, center: np.ndarray, scale: np.ndarray, size: Tuple[int, int]
) -> np.ndarray:
    """Cut a crop of ``size`` (W, H) out of an image; black beyond the image's border.

    The matrix comes from the same three points as PaddleDetection's, so the crop is
    bit-identical to those of evaluation and the stock deploy code.
    """

    def points(x: float, y: float, width: float) -> np.ndarray:
        """The centre, half a width above it, then half a width left."""
        half = width * 0.5
        return np.array([[x, y], [x, y - half], [x - half, y - half]], np.float32)

    matrix = cv2.getAffineTransform(
        points(*center, scale[0] * PIXELS_PER_SCALE),
        points(size[0] * 0.5, size[1] * 0.5, size[0]),
    )
    return cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR)
