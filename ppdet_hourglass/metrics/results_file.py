"""Predictions as a JSON file."""

import json
from typing import Any, Dict, List, Sequence

import numpy as np

from ..data.crop import PADDING, PIXELS_PER_SCALE
from ..data.images import STORED
from ..files import write_whole

#: Name of the file, of an evaluation's and of a prediction's.
RESULTS_NAME = "keypoints_results.json"

#: COCO's category of people.
PERSON_CATEGORY = 1

#: Decimals of joints, and of boxes: a box that is read back cuts the same crop.
JOINT_DECIMALS, BOX_DECIMALS = 3, 6


def result_row(
    image: str,
    image_id: int,
    joints: np.ndarray,
    score: float,
    box: np.ndarray,
    pixels: str,
) -> Dict[str, Any]:
    """One person in COCO's keypoint-result layout, and what belongs to it.

    Args:
        image: name of the image.
        image_id: its number.
        joints: (K, 3) x and y in 0-based pixels, score.
        score: the person's.
        box: (4,) x, y, width, height in 0-based pixels: where the person was
            looked for; the crop is larger by the recipe's quarter.
        pixels: ``stored`` or ``upright``: the pixels of joints and box, which differ
            in an image that its EXIF orientation turns.
    """
    return {
        "image": image,
        "image_id": image_id,
        "category_id": PERSON_CATEGORY,
        "keypoints": _rounded(joints, JOINT_DECIMALS),
        "score": round(float(score), 6),
        "bbox": _rounded(box, BOX_DECIMALS),
        "pixels": pixels,
    }


def evaluation_rows(
    joints: np.ndarray, crops: np.ndarray, images: Sequence[str], ids: Sequence[int]
) -> List[Dict[str, Any]]:
    """Every evaluated person: :func:`result_row`, ``center`` and ``scale``.

    Args:
        joints: (N, K, 3) x and y in 0-based image pixels, score.
        crops: (N, 4) crop centre in 0-based pixels, and scale (size / 200 px).
        images: N file names.
        ids: N image numbers.
    """
    crops = crops.astype(np.float64)
    sizes = crops[:, 2:] * (PIXELS_PER_SCALE / PADDING)
    boxes = np.concatenate([crops[:, :2] - sizes / 2, sizes], axis=1)
    scores = joints[..., 2].astype(np.float64).mean(axis=1)
    return [
        {
            **result_row(image, number, person, score, box, STORED),
            "center": crop[:2].tolist(),
            "scale": crop[2:].tolist(),
        }
        for image, number, person, score, box, crop in zip(
            images, ids, joints, scores, boxes, crops
        )
    ]


def write_results(path: str, rows: List[Dict[str, Any]]) -> None:
    """Write the people's records; the file appears whole or not at all."""
    write_whole(path, json.dumps(rows).encode())


def _rounded(values: np.ndarray, decimals: int) -> List[float]:
    return np.round(values.astype(np.float64), decimals).ravel().tolist()
