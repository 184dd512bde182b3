"""``pred_keypoints_mpii.mat``: predictions for the test people, as MPII takes them.

MPII's toolkit (``evaluatePCKh.m``, ``flatten_annolist.m``) takes a struct array
``pred`` with one element per test image, in the order of the release; counts the
people that have an ``objpos``; and picks the single persons by their place in
``annorect``.  So every test image and every rectangle is written, predicted or not.
Letters: N people, K joints.
"""

import io
import json
import os
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from ..data.annotations import Annotations
from ..errors import UserError
from ..files import write_whole
from .pck import ONE_BASED

#: File of the annotation folder that ``python -m ppdet_hourglass prepare-mpii`` writes.
LAYOUT_NAME = "mpii_test_layout.json"

PREDICTIONS_NAME = "pred_keypoints_mpii.mat"

Rectangle = Tuple[str, int]


@dataclass(frozen=True)
class Layout:
    """All test images and their rectangles, in MPII's order.

    Attributes:
        images: file names.
        positions: for each image, each rectangle's ``objpos`` (1-based pixels), None
            where it has none.
    """

    images: List[str]
    positions: List[List[Optional[Sequence[float]]]]

    def rectangles(self) -> List[Rectangle]:
        """Image and 1-based number of each."""
        return [
            (image, number)
            for image, positions in zip(self.images, self.positions)
            for number in range(1, len(positions) + 1)
        ]


def read_layout(people: Annotations) -> Optional[Layout]:
    """The layout that an annotation file's people belong to, None if to none.

    Raises:
        UserError: the records have a ``rectangle``, but the layout is not beside
            their file, is none, or lacks one of them.
    """
    if people.rectangles is None:
        return None
    path = os.path.join(os.path.dirname(people.path), LAYOUT_NAME)
    layout = _parse(path, people.path)
    known = set(layout.rectangles())
    for index, person in enumerate(_places(people)):
        if person not in known:
            raise UserError(
                f"{people.path}: record {index} (image {person[0]}): rectangle "
                f"{person[1]} is not in {path}, or two records have it"
            )
        known.remove(person)
    return layout


def write_predictions(
    path: str, layout: Layout, people: Annotations, joints: np.ndarray
) -> None:
    """Write predicted joints where the evaluation looks for them.

    Args:
        path: file to write; it appears whole or not at all.
        layout: of :func:`read_layout` these people.
        people: N people.
        joints: (N, K, 2) 0-based pixels, in their order; written 1-based.
    """
    from scipy.io import savemat

    points = dict(zip(_places(people), joints.astype(np.float64) + ONE_BASED))
    pred = _structs(
        [
            {
                "image": _structs([{"name": image}]),
                "annorect": _annorect(image, positions, points),
            }
            for image, positions in zip(layout.images, layout.positions)
        ]
    )
    buffer = io.BytesIO()
    savemat(buffer, {"pred": pred}, do_compression=True)
    write_whole(path, buffer.getvalue())


def _parse(path: str, people: str) -> Layout:
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        return Layout(
            images=[entry["image"] for entry in content],
            positions=[list(entry["rectangles"]) for entry in content],
        )
    except FileNotFoundError:
        raise UserError(
            f"{path} does not exist; {people} belongs with it: "
            "python -m ppdet_hourglass prepare-mpii writes both"
        ) from None
    except (ValueError, TypeError, KeyError):
        raise UserError(
            f"{path} must list test images with their rectangles, as "
            "python -m ppdet_hourglass prepare-mpii writes it"
        ) from None


def _places(people: Annotations) -> List[Rectangle]:
    return list(zip(people.images, people.rectangles.tolist()))


def _annorect(
    image: str,
    positions: List[Optional[Sequence[float]]],
    points: Dict[Rectangle, np.ndarray],
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
    """(K, 2) -> the nested struct of a person; ``[]`` for None.  ids count from 0."""
    if joints is None:
        return _structs([])
    points = [{**_point(joint), "id": float(k)} for k, joint in enumerate(joints)]
    return _structs([{"point": _structs(points)}])


def _point(position: Sequence[float]) -> Dict[str, float]:
    return {"x": float(position[0]), "y": float(position[1])}


def _structs(elements: List[Dict[str, Any]]) -> np.ndarray:
    """A 1 x n struct array for ``savemat``; MATLAB's ``[]`` for no element."""
    if not elements:
        return np.empty((0, 0))
    array = np.empty((1, len(elements)), [(name, object) for name in elements[0]])
    for name in elements[0]:
        for index, element in enumerate(elements):
            array[name][0, index] = element[name]
    return array
