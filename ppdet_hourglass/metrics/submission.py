"""``pred_keypoints_mpii.mat``: predictions of the test people for MPII's evaluation.

MPII's toolkit (``evaluatePCKh.m``, ``flatten_annolist.m``) reads a struct array
``pred`` with one element per test image, in the release's order, counts the people
with an ``objpos``, and selects the single persons by their index into ``annorect``.
So every test image and every rectangle is written, predicted or not.

Letters: N people, K joints.
"""

import os
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from ..data.annotations import Annotations
from ..data.mpii.mat_file import write_mat
from ..errors import UserError
from ..fields import OBJECT, TEXT, Kind, check, list_of, numbers, read_columns
from ..files import read_json
from .pck import ONE_BASED

#: File that ``prepare-mpii`` writes into the annotation folder.
LAYOUT_NAME = "mpii_test_layout.json"

PREDICTIONS_NAME = "pred_keypoints_mpii.mat"

#: An image's file name, and the 1-based number of one of its rectangles.
RectangleKey = Tuple[str, int]

IMAGES = list_of(OBJECT, "a list of test images")
POSITION = Kind("[x, y] or null", lambda v: v is None or numbers(2).fits(v))
IMAGE = {"image": TEXT, "rectangles": list_of(POSITION, "a list of [x, y] or null")}


@dataclass(frozen=True)
class ReleaseLayout:
    """All test images and their rectangles, in MPII's order.

    Attributes:
        images: file names.
        positions: ``objpos`` (1-based pixels) of each image's rectangles, or None.
    """

    images: List[str]
    positions: List[List[Optional[Sequence[float]]]]

    def rectangles(self) -> List[RectangleKey]:
        """Image and 1-based number of each rectangle."""
        return [
            (image, number)
            for image, positions in zip(self.images, self.positions)
            for number in range(1, len(positions) + 1)
        ]


def read_layout(people: Annotations) -> Optional[ReleaseLayout]:
    """Read the release layout beside an annotation file.

    Returns:
        The layout, or None if the people have no ``rectangle``.

    Raises:
        UserError: the layout is missing or wrong, or lacks a person's rectangle.
    """
    if people.rectangles is None:
        return None
    path = os.path.join(os.path.dirname(people.path), LAYOUT_NAME)
    try:
        layout = _read(path)
    except UserError as error:
        raise UserError(
            f"{error}; {people.path} needs it: "
            "python -m ppdet_hourglass prepare-mpii writes both"
        ) from None
    unused = set(layout.rectangles())
    for index, key in enumerate(_keys(people)):
        if key not in unused:
            raise UserError(
                f"{people.path}: record {index} (image {key[0]}): rectangle "
                f"{key[1]} is not in {path}, or two records have it"
            )
        unused.remove(key)
    return layout


def write_predictions(
    path: str, layout: ReleaseLayout, people: Annotations, joints: np.ndarray
) -> None:
    """Write joints (N, K, 2), 0-based pixels, of N people in MPII's layout, 1-based."""
    points = dict(zip(_keys(people), joints.astype(np.float64) + ONE_BASED))
    pred = _structs(
        [
            {
                "image": _structs([{"name": image}]),
                "annorect": _annorect(image, positions, points),
            }
            for image, positions in zip(layout.images, layout.positions)
        ]
    )
    write_mat(path, {"pred": pred})


def _read(path: str) -> ReleaseLayout:
    content = check(read_json(path, "layout of the test images"), IMAGES, path)
    columns = read_columns(content, IMAGE, lambda index: f"{path}: record {index}")
    return ReleaseLayout(columns["image"], columns["rectangles"])


def _keys(people: Annotations) -> List[RectangleKey]:
    return list(zip(people.images, people.rectangles.tolist()))


def _annorect(
    image: str,
    positions: List[Optional[Sequence[float]]],
    points: Dict[RectangleKey, np.ndarray],
) -> np.ndarray:
    return _structs(
        [
            {
                "annopoints": _annopoints(points.get((image, number))),
                "objpos": _structs([] if position is None else [_point(position)]),
            }
            for number, position in enumerate(positions, start=1)
        ]
    )


def _annopoints(joints: Optional[np.ndarray]) -> np.ndarray:
    """Nested struct of joints (K, 2), with ids from 0; ``[]`` for None."""
    if joints is None:
        return _structs([])
    points = [{**_point(joint), "id": float(k)} for k, joint in enumerate(joints)]
    return _structs([{"point": _structs(points)}])


def _point(position: Sequence[float]) -> Dict[str, float]:
    return {"x": float(position[0]), "y": float(position[1])}


def _structs(elements: List[Dict[str, Any]]) -> np.ndarray:
    """A 1 x n struct array for ``savemat``, or MATLAB's ``[]`` without elements."""
    if not elements:
        return np.empty((0, 0))
    array = np.empty((1, len(elements)), [(name, object) for name in elements[0]])
    for name in elements[0]:
        for index, element in enumerate(elements):
            array[name][0, index] = element[name]
    return array
