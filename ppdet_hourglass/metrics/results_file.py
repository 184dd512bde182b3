"""Predictions as a JSON file."""

import json
from typing import Any, Dict, List, Sequence

import numpy as np

from ..files import write_whole
from ..keypoints.pose import PERSON_CATEGORY, keypoint_numbers

#: Name of the file, of an evaluation's and of a prediction's.
RESULTS_NAME = "keypoints_results.json"


def result_rows(
    joints: np.ndarray, crops: np.ndarray, images: Sequence[str], ids: Sequence[int]
) -> List[Dict[str, Any]]:
    """Every person in COCO's keypoint-result layout.

    Args:
        joints: (N, K, 3) x and y in 0-based image pixels, score.
        crops: (N, 4) crop centre in 0-based pixels, and scale (size / 200 px).
        images: N file names.
        ids: N image numbers.
    """
    return [
        {
            "image": image,
            "image_id": number,
            "category_id": PERSON_CATEGORY,
            "keypoints": keypoint_numbers(person_joints),
            "score": round(float(person_joints[:, 2].mean()), 6),
            "center": crop[:2].tolist(),
            "scale": crop[2:].tolist(),
        }
        for image, number, person_joints, crop in zip(
            images, ids, joints.astype(np.float64), crops.astype(np.float64)
        )
    ]


def write_results(path: str, rows: List[Dict[str, Any]]) -> None:
    """Write :func:`result_rows`; the file appears whole or not at all."""
    write_whole(path, json.dumps(rows).encode())
