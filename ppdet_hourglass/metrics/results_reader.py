"""Reading a results file and matching it to the annotations.

Letters: N people, K joints.
"""

from typing import Any, Dict, List, Sequence

import numpy as np

from ..data.annotations import Annotations
from ..data.images import MAX_PIXEL
from ..errors import UserError
from ..fields import OBJECT, check, list_of, numbers, read_columns
from ..files import read_json
from .pck import ONE_BASED

Rows = List[Dict[str, Any]]

CENTER, BBOX = numbers(2), numbers(4)


def read_results(path: str, people: Annotations, num_joints: int) -> np.ndarray:
    """Read predicted joints in the order of the annotations.

    An evaluation writes its people in that order.  A prediction may not: then each
    image's predictions are paired with the nearest of its people, by the middle of
    their crops or boxes.

    Args:
        path: ``keypoints_results.json``.
        people: N people.
        num_joints: K.

    Returns:
        (N, K, 3) x and y in 0-based image pixels, and score.

    Raises:
        UserError: the file is missing, is not a results file, or has other people.
    """
    rows = check(
        read_json(path, "results file"),
        list_of(OBJECT, "a list of people"),
        f"results file {path}",
    )
    keypoints = numbers(3 * num_joints, note=f"3 x {num_joints} joints")
    columns = read_columns(
        rows, {"keypoints": keypoints}, lambda index: f"{path}: record {index}"
    )
    if len(rows) != len(people):
        raise UserError(
            f"{path} holds {len(rows)} people, but {people.path} {len(people)}"
        )
    joints = columns["keypoints"].reshape(-1, num_joints, 3)
    return joints[_order(path, rows, people)]


def _order(path: str, rows: Rows, people: Annotations) -> np.ndarray:
    """Index (N,) of each person's record."""
    from scipy.optimize import linear_sum_assignment

    names = [row.get("image") for row in rows]
    by_evaluation = names == people.images and all("center" in row for row in rows)
    if by_evaluation or not all(isinstance(name, str) for name in names):
        return np.arange(len(rows))
    order = np.empty(len(rows), int)
    predicted = _by_image(names)
    for name, persons in _by_image(people.images).items():
        records = predicted.get(name, [])
        if len(records) != len(persons):
            raise UserError(
                f"{path} holds {len(records)} people of image {name}, but "
                f"{people.path} {len(persons)}"
            )
        middles = np.array([_middle(path, index, rows[index]) for index in records])
        offsets = people.centers[persons][:, None] - ONE_BASED - middles
        _, nearest = linear_sum_assignment(np.linalg.norm(offsets, axis=2))
        order[persons] = np.array(records)[nearest]
    return order


def _by_image(names: Sequence[str]) -> Dict[str, List[int]]:
    """Indices of the people in each image."""
    indices: Dict[str, List[int]] = {}
    for index, name in enumerate(names):
        indices.setdefault(name, []).append(index)
    return indices


def _middle(path: str, index: int, row: Dict[str, Any]) -> np.ndarray:
    """Middle (2,) of a record's crop or box, 0-based pixels."""
    if CENTER.fits(row.get("center")):
        middle = np.array(row["center"], np.float64)
    elif BBOX.fits(row.get("bbox")):
        x, y, width, height = row["bbox"]
        middle = np.array([x + width / 2, y + height / 2])
    else:
        raise UserError(f"{path}: record {index} has neither 'center' nor 'bbox'")
    if (abs(middle) > MAX_PIXEL).any():
        raise UserError(
            f"{path}: record {index} must lie within {MAX_PIXEL:.0f} pixels, but its "
            f"middle is {middle.tolist()}"
        )
    return middle
