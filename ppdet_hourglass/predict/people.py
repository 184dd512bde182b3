"""Cutting the people out of pictures, one picture in memory at a time.

Letters: M people of a picture, W x H pixels of a crop.
"""

import os
from dataclasses import dataclass
from typing import Any, Iterator, Optional, Sequence, Tuple, Union

import numpy as np

from ..data.images import UPRIGHT, orientation, read_image
from ..errors import UserError
from .crops import crops_of, cut

#: A path, or (H, W, 3) uint8 BGR pixels.
Picture = Union[str, "os.PathLike[str]", np.ndarray]


@dataclass(frozen=True)
class Person:
    """A person before prediction.

    Attributes:
        picture: index of the picture.
        crop: (H, W, 3) uint8 BGR.
        center: (2,) and
        scale: (2,), where the crop lies, as ``decode`` takes them.
        box: (4,) x, y, width, height, 0-based pixels.
        score: of the box; 1 if it has none.
    """

    picture: int
    crop: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    box: np.ndarray
    score: float


def people_in(
    pictures: Sequence[Picture], boxes: Sequence[Any], size: Tuple[int, int]
) -> Iterator[Person]:
    """All people of all pictures, in order.

    Args:
        pictures: paths or pixels.
        boxes: for each picture (M, 4) x, y, width, height, or (M, 5) with a score,
            or None: the whole picture is one person, without padding.
        size: (W, H) of the crops.

    Raises:
        UserError: a picture that cannot be read or is none, or a box that is none.
    """
    for index, (picture, rows) in enumerate(zip(pictures, boxes)):
        image = read_picture(picture, boxes_given=rows is not None)
        if rows is None:
            height, width = image.shape[:2]
            known = np.array([[0, 0, width, height]], np.float64)
            scores = np.ones(1)
            centers, scales = crops_of(known, size, padding=1.0)
        else:
            known, scores = checked_boxes(rows)
            centers, scales = crops_of(known, size)
        for box, score, center, scale in zip(known, scores, centers, scales):
            crop = cut(image, center, scale, size)
            yield Person(
                index, crop, center, scale, box.astype(np.float32), float(score)
            )


def read_picture(picture: Picture, boxes_given: bool = False) -> np.ndarray:
    """(H, W, 3) uint8 BGR of a picture, upright if it is a file.

    Args:
        picture: path or pixels.
        boxes_given: whether somebody says where the people are: in a file that its
            EXIF orientation turns, that may be in stored or in upright pixels.

    Raises:
        UserError: no such file, no picture, pixels of another shape or type, or
            boxes of a file that its EXIF orientation turns.
    """
    if isinstance(picture, np.ndarray):
        if picture.ndim == 3 and picture.shape[2] == 3 and picture.dtype == np.uint8:
            return picture
        raise UserError(
            "an image must have the shape (H, W, 3) and the type uint8, but got "
            f"{picture.shape}, {picture.dtype}"
        )
    path = os.fspath(picture)
    if boxes_given and orientation(path) != 1:
        raise UserError(
            f"image {path} is turned by its EXIF orientation {orientation(path)}, and "
            "its boxes may be in stored or in upright pixels: read it, and give the "
            "pixels that the boxes are in"
        )
    return read_image(path, pixels=UPRIGHT)


def checked_boxes(rows: Any) -> Tuple[np.ndarray, np.ndarray]:
    """Boxes (M, 4) and scores (M,), 1 where none are given; float64.

    Raises:
        UserError: another shape, or a box without width or height.
    """
    table = _table(rows)
    if table is None:
        raise UserError(
            "boxes must have the shape (M, 4), x, y, width, height, or (M, 5) with a "
            f"score, but got {np.shape(rows)}"
        )
    wrong = ~np.isfinite(table).all(axis=1) | (table[:, 2:4] <= 0).any(axis=1)
    if wrong.any():
        index = int(wrong.argmax())
        raise UserError(
            f"box {index} must have a width and a height above 0, but got "
            f"{table[index].tolist()}"
        )
    scores = table[:, 4] if table.shape[1] == 5 else np.ones(len(table))
    return table[:, :4], scores


def _table(rows: Any) -> Optional[np.ndarray]:
    """(M, 4) or (M, 5) float64; None for anything else."""
    try:
        table = np.asarray(rows, np.float64)
    except (TypeError, ValueError):
        return None
    if table.size == 0:
        return np.zeros((0, 4))
    return table if table.ndim == 2 and table.shape[1] in (4, 5) else None
