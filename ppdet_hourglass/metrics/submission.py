"""``pred_keypoints_mpii.mat``: predictions of the test people for MPII's evaluation.

MPII's toolkit (``evaluatePCKh.m``, ``flatten_annolist.m``) reads a struct array
``pred`` with one element per test image, in the release's order, counts the people
with an ``objpos``, and selects the single persons by their index into ``annorect``.
So every test image and every rectangle is written, predicted or not.

Letters: N people, K joints.
"""

import os
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from ..data.crop import MPII_ORIGIN
from ..data.mpii.annotation_files import LAYOUT_NAME
from ..data.mpii.mat_file import write_mat
from ..data.people import People
from ..errors import UserError
from ..fields import OBJECT, TEXT, Kind, check, list_of, numbers, read_columns
from ..files import read_json

PREDICTIONS_NAME = "pred_keypoints_mpii.mat"

#: ``objpos`` of a rectangle: x and y in 1-based pixels, or None.
Position = Optional[Sequence[float]]

#: File name and rectangles of each test image, in MPII's order.
ReleaseLayout = List[Tuple[str, List[Position]]]

IMAGES = list_of(OBJECT, "a list of test images")
POSITION = Kind("[x, y] or null", lambda v: v is None or numbers(2).fits(v))
IMAGE = {"image": TEXT, "rectangles": list_of(POSITION, "a list of [x, y] or null")}


def read_layout(people: People) -> Optional[ReleaseLayout]:
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
        content = check(read_json(path, "layout of the test images"), IMAGES, path)
        columns = read_columns(content, IMAGE, lambda index: f"{path}: record {index}")
    except UserError as error:
        raise UserError(
            f"{error}; {people.path} needs it: "
            "python -m ppdet_hourglass prepare-mpii writes both"
        ) from None
    layout = list(zip(columns["image"], columns["rectangles"]))
    unused = {
        (image, number)
        for image, positions in layout
        for number in range(1, len(positions) + 1)
    }
    for index, key in enumerate(_keys(people)):
        if key not in unused:
            raise UserError(
                f"{people.path}: record {index} (image {key[0]}): rectangle "
                f"{key[1]} is not in {path}, or two records have it"
            )
        unused.remove(key)
    return layout


def write_predictions(
    path: str, layout: ReleaseLayout, people: People, joints: np.ndarray
) -> None:
    """Write joints (N, K, 2), 0-based pixels, of N people in MPII's layout, 1-based."""
    points = dict(zip(_keys(people), joints.astype(np.float64) + MPII_ORIGIN))
    pred = [
        {
            "image": _structs([{"name": image}]),
            "annorect": _structs(
                [
                    _rectangle(position, points.get((image, number)))
                    for number, position in enumerate(positions, start=1)
                ]
            ),
        }
        for image, positions in layout
    ]
    write_mat(path, {"pred": _structs(pred)})


def _keys(people: People) -> List[Tuple[str, int]]:
    """Each person's image, and 1-based number of the rectangle in it."""
    return list(zip(people.images, people.rectangles.tolist()))


def _rectangle(position: Position, joints: Optional[np.ndarray]) -> Dict[str, Any]:
    """A rectangle with its predicted joints (K, 2), if any; their ids start at 0."""
    objpos = [] if position is None else [_point(position)]
    annopoints = []
    if joints is not None:
        points = [{**_point(joint), "id": float(k)} for k, joint in enumerate(joints)]
        annopoints = [{"point": _structs(points)}]
    return {"annopoints": _structs(annopoints), "objpos": _structs(objpos)}


def _point(position: Sequence[float]) -> Dict[str, float]:
    return {"x": float(position[0]), "y": float(position[1])}


def _structs(elements: List[Dict[str, Any]]) -> np.ndarray:
    """A 1 x n struct array for ``savemat``, or MATLAB's ``[]`` without elements."""
    if not elements:
        return np.empty((0, 0))
    array = np.empty((1, len(elements)), [(name, object) for name in elements[0]])
    array[0] = [tuple(element.values()) for element in elements]
    return array
