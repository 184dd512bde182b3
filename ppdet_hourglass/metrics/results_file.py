"""The results file: predicted people as JSON."""

import json
from typing import Any, Dict, List, Sequence

import numpy as np

from ..data.crop import PADDING, PIXELS_PER_SCALE
from ..data.images import STORED
from ..files import write_whole
from ..keypoints.pose import keypoint_result

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
