"""Predictions as a JSON file."""

import json
from typing import TYPE_CHECKING, List

import numpy as np

from ..files import write_whole

if TYPE_CHECKING:
    from ..data.mpii import MPIIDataset

#: COCO's category of people.
PERSON_CATEGORY = 1


def write_results(
    path: str, joints: np.ndarray, crops: np.ndarray, dataset: "MPIIDataset"
) -> None:
    """Write every person in COCO's keypoint-result layout, in file order.

    Args:
        path: file to write; it appears whole or not at all.
        joints: (N, K, 3) x and y in 0-based image pixels, score.
        crops: (N, 4) crop centre in 0-based pixels, and scale (size / 200 px).
        dataset: names the images.
    """
    names: List[str] = dataset.annotations.images
    rows = [
        {
            "image": names[person],
            "image_id": dataset.image_ids[person],
            "category_id": PERSON_CATEGORY,
            "keypoints": np.round(person_joints, 3).ravel().tolist(),
            "score": round(float(person_joints[:, 2].mean()), 6),
            "center": crop[:2].tolist(),
            "scale": crop[2:].tolist(),
        }
        for person, (person_joints, crop) in enumerate(
            zip(joints.astype(np.float64), crops.astype(np.float64))
        )
    ]
    write_whole(path, json.dumps(rows).encode())
