"""Reading a results file beside the annotations that it belongs to.

Letters: N people, K joints.
"""

from typing import Any, Dict, List, Sequence

import numpy as np

from ..data.annotations import Annotations
from ..errors import UserError
from ..files import read_json
from .pck import ONE_BASED, check_finite

Rows = List[Dict[str, Any]]


def read_results(path: str, people: Annotations, num_joints: int) -> np.ndarray:
    """Predicted joints in the order of the annotations.

    An evaluation writes its people in that order.  Where the pictures of a file come
    in another order, as after a prediction, each picture's predictions are paired with
    the nearest of its people, by the middle of their crops or boxes.

    Args:
        path: ``keypoints_results.json``.
        people: N people.
        num_joints: K.

    Returns:
        (N, K, 2) 0-based image pixels.

    Raises:
        UserError: the file is missing or no results file, or has other people.
    """
    rows = _read(path, num_joints)
    if len(rows) != len(people):
        raise UserError(
            f"{path} holds {len(rows)} people, but {people.path} {len(people)}"
        )
    joints = np.reshape([row["keypoints"] for row in rows], (-1, num_joints, 3))
    check_finite(joints[..., :2])
    return joints[_order(path, rows, people), :, :2].astype(np.float64)


def _read(path: str, num_joints: int) -> Rows:
    rows = read_json(path, "results file")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError(f"{path} is no results file: it must hold a list of people")
    for index, row in enumerate(rows):
        numbers = row.get("keypoints")
        if not _is_numbers(numbers, 3 * num_joints):
            raise UserError(
                f"{path}: record {index}: 'keypoints' must hold 3 x {num_joints} "
                "numbers"
            )
    return rows


def _is_numbers(values: Any, count: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) == count
        and all(isinstance(value, (int, float)) for value in values)
    )


def _order(path: str, rows: Rows, people: Annotations) -> np.ndarray:
    """(N,) index of each person's record."""
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
        nearest = _nearest(people.centers[persons] - ONE_BASED, middles)
        order[persons] = np.array(records)[nearest]
    return order


def _nearest(centers: np.ndarray, middles: np.ndarray) -> np.ndarray:
    """(M,) index of the middle that belongs to each of M centres.

    Each (M, 2) middle is taken once, so that the sum of the distances is smallest.
    """
    from scipy.optimize import linear_sum_assignment

    distances = np.linalg.norm(centers[:, None] - middles, axis=2)
    return linear_sum_assignment(distances)[1]


def _by_image(names: Sequence[str]) -> Dict[str, List[int]]:
    """Indices of each image's people."""
    indices: Dict[str, List[int]] = {}
    for index, name in enumerate(names):
        indices.setdefault(name, []).append(index)
    return indices


def _middle(path: str, index: int, row: Dict[str, Any]) -> np.ndarray:
    """(2,) middle of a record's crop or box, 0-based pixels."""
    if _is_numbers(row.get("center"), 2):
        return np.array(row["center"], np.float64)
    if _is_numbers(row.get("bbox"), 4):
        x, y, width, height = row["bbox"]
        return np.array([x + width / 2, y + height / 2])
    raise UserError(f"{path}: record {index} has neither 'center' nor 'bbox'")
