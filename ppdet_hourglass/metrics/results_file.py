"""The results file: predicted people as JSON."""

import json
import logging
import os
from itertools import chain, count
from typing import Any, Dict, List, Sequence, Set, Tuple

import numpy as np

from ..data.crop import PADDING, PIXELS_PER_SCALE
from ..data.images import STORED
from ..errors import UserError
from ..files import read_json, write_whole
from ..keypoints.pose import keypoint_result

logger = logging.getLogger(__name__)

#: Name of the file, for evaluations and predictions alike.
RESULTS_NAME = "keypoints_results.json"


def evaluation_rows(
    joints: np.ndarray, crops: np.ndarray, images: Sequence[str], ids: Sequence[int]
) -> List[Dict[str, Any]]:
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
    sizes = crops[:, 2:] * (PIXELS_PER_SCALE / PADDING)
    boxes = np.concatenate([crops[:, :2] - sizes / 2, sizes], axis=1)
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


def write_results(path: str, rows: List[Dict[str, Any]]) -> None:
    """Write the people's records as one JSON list."""
    write_whole(path, json.dumps(rows).encode())


def results_path(folder: str, annotations: str, rows: List[Dict[str, Any]]) -> str:
    """Choose the path of a results file: ``keypoints_results.json``, unless taken.

    A file that holds none of these people belongs to another data set and is kept.
    The next choice ends in the annotation file's name, as in
    ``keypoints_results_mpii_test.json``; those after it end in ``_2``, ``_3`` ...
    """
    stem, ending = os.path.splitext(RESULTS_NAME)
    own = f"{stem}_{os.path.splitext(os.path.basename(annotations))[0]}"
    stems = chain([stem, own], (f"{own}_{number}" for number in count(2)))
    paths = (os.path.join(folder, name + ending) for name in stems)
    path = next(path for path in paths if not _holds_others(path, rows))
    if os.path.basename(path) != RESULTS_NAME:
        logger.warning(
            f"{os.path.join(folder, RESULTS_NAME)} holds the results of another data "
            f"set and is kept: the results of {annotations} go to {path}"
        )
    return path


def _holds_others(path: str, rows: List[Dict[str, Any]]) -> bool:
    if not os.path.exists(path):
        return False
    try:
        present = _people(read_json(path, "results file"))
    except (UserError, TypeError, AttributeError):  # cut off, or not a results file
        return False
    return bool(present) and present.isdisjoint(_people(rows))


def _people(rows: List[Dict[str, Any]]) -> Set[Tuple[Any, ...]]:
    """Image name and, if given, crop centre of each person."""
    return {
        (os.path.basename(row.get("image", "")), *row.get("center", ())) for row in rows
    }
