"""A predicted person as a record of a JSON file."""

from typing import Any, Dict

import numpy as np

from ..keypoints.pose import Pose
from ..metrics.results_file import PERSON_CATEGORY, keypoint_numbers
from .sources import Frame


def result_row(frame: Frame, pose: Pose) -> Dict[str, Any]:
    """A person in COCO's keypoint-result layout, with the image's name and the box.

    Returns:
        ``keypoints`` x, y in 0-based pixels and score of each joint; ``bbox`` x, y,
        width, height likewise; a video's people also have ``frame``, from 0.
    """
    joints = np.concatenate([pose.keypoints, pose.scores[:, None]], axis=1)
    row = {
        "image": frame.name,
        "image_id": frame.number,
        "category_id": PERSON_CATEGORY,
        "keypoints": keypoint_numbers(joints),
        "score": round(pose.score, 6),
        "bbox": np.round(pose.box.astype(np.float64), 3).tolist(),
    }
    return {**row, "frame": frame.number} if frame.in_video else row
