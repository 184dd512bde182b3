"""The results file, predicted people as JSON: writing it, and reading it back.

Letters: N people, K joints.
"""

import json
import logging
import os
from typing import Any, Dict, List, Sequence, Set, Tuple

import numpy as np

from ..data.crop import boxes_of_crops
from ..data.images import MAX_PIXEL, STORED
from ..data.people import People
from ..errors import UserError
from ..fields import OBJECT, TEXT, check, list_of, numbers, read_columns
from ..files import read_json, write_whole
from ..keypoints.pose import keypoint_result

logger = logging.getLogger(__name__)

#: Name of the file, for evaluations and predictions alike.
RESULTS_NAME = "keypoints_results.json"

Rows = List[Dict[str, Any]]

CENTER, BBOX = numbers(2), numbers(4)


def evaluation_rows(
    joints: np.ndarray, crops: np.ndarray, images: Sequence[str], ids: Sequence[int]
) -> Rows:
    """Records of evaluated people, in the layout that prediction writes.

    Each is a COCO keypoint result with ``image``, ``pixels`` (always ``stored``), and
    ``center`` and ``scale`` of the crop.

    Args:
        joints: (N, K, 3) x and y in 0-based image pixels, score.
        crops: (N, 4) centre in 0-based pixels, and scale (size / 200 px).
        images: N file names.
        ids: N image numbers.
    """
    crops = crops.astype(np.float64)
    boxes = boxes_of_crops(crops[:, :2], crops[:, 2:])
    scores = joints[..., 2].astype(np.float64).mean(axis=1)
    return [
        {
            "image": image,
            "image_id": number,
            **keypoint_result(person, score, box),
            "pixels": STORED,
            "center": crop[:2].tolist(),
            "scale": crop[2:].tolist(),
        }
        for image, number, person, score, box, crop in zip(
            images, ids, joints, scores, boxes, crops
        )
    ]


def write_results(path: str, rows: Rows) -> None:
    """Write the people's records as one JSON list."""
    write_whole(path, json.dumps(rows).encode())


def results_path(folder: str, annotations: str, rows: Rows) -> str:
    """Choose the path of a results file: ``keypoints_results.json``, unless taken.

    A file that holds none of these people belongs to another data set and is kept.
    Then the name ends in the annotation file's, as in
    ``keypoints_results_mpii_test.json``, and a file of this name is replaced.
    """
    path = os.path.join(folder, RESULTS_NAME)
    if not _holds_others(path, rows):
        return path
    stem, ending = os.path.splitext(path)
    name = os.path.splitext(os.path.basename(annotations))[0]
    logger.warning(
        f"{path} holds the results of another data set and is kept: those of "
        f"{annotations} go to {stem}_{name}{ending}"
    )
    return f"{stem}_{name}{ending}"


def _holds_others(path: str, rows: Rows) -> bool:
    if not os.path.exists(path):
        return False
    try:
        present = _people(read_json(path, "results file"))
    except (UserError, TypeError, AttributeError):  # cut off, or not a results file
        return False
    return bool(present) and present.isdisjoint(_people(rows))


def _people(rows: Rows) -> Set[Tuple[Any, ...]]:
    """Image name and, if given, crop centre of each person."""
    return {
        (os.path.basename(row.get("image", "")), *row.get("center", ())) for row in rows
    }


def read_results(path: str, people: People, num_joints: int) -> np.ndarray:
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


def _order(path: str, rows: Rows, people: People) -> np.ndarray:
    """Index (N,) of each person's record."""
    from scipy.optimize import linear_sum_assignment

    by_id = dict(zip(people.image_ids, people.images))
    names = []
    for index, row in enumerate(rows):
        name = row.get("image", by_id.get(row.get("image_id")))
        names.append(check(name, TEXT, f"{path}: record {index}: 'image'"))
    if names == people.images and all("center" in row for row in rows):
        return np.arange(len(rows))  # written by an evaluation
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
        offsets = people.centers[persons][:, None] - middles
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
