"""A predicted person as an object and in COCO's keypoint-result layout."""

import difflib
from dataclasses import dataclass, field
from typing import Any, Dict, List, Tuple

import numpy as np

from ..errors import UserError
from .keypoint_set import KeypointSet

#: COCO's id of the category "person".
PERSON_CATEGORY = 1

#: Decimals of joints and boxes in results.  Boxes have more, so that the box read from
#: a file gives the same crop.
JOINT_DECIMALS, BOX_DECIMALS = 3, 6


def keypoint_result(
    joints: np.ndarray, score: float, box: np.ndarray
) -> Dict[str, Any]:
    """One person in COCO's keypoint-result layout, without ``image_id``.

    Args:
        joints: (K, 3) x and y in 0-based pixels, score.
        score: the person's score.
        box: (4,) x, y, width, height in 0-based pixels: the person's box, before the
            recipe's padding by a quarter.
    """
    return {
        "category_id": PERSON_CATEGORY,
        "keypoints": _rounded(joints, JOINT_DECIMALS),
        "score": round(float(score), 6),
        "bbox": _rounded(box, BOX_DECIMALS),
    }


def _rounded(values: np.ndarray, decimals: int) -> List[float]:
    return np.round(values.astype(np.float64), decimals).ravel().tolist()


@dataclass(frozen=True)
class Pose:
    """The K joints of one person.

    ``pose["left_wrist"]`` gives that joint's x, y and score.

    Attributes:
        keypoints: (K, 2) float32, x and y in 0-based pixels of the given image.
        scores: (K,) float32, value of each joint's heatmap at its peak, about 0 to 1.
        box: (4,) float32, x, y, width, height in 0-based pixels of the given image:
            the box that the person was searched in.
        score: mean of ``scores``, times the score of the box if it has one.
        keypoint_set: names and properties of the K joints.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    box: np.ndarray
    score: float
    keypoint_set: KeypointSet = field(repr=False)

    def __getitem__(self, joint: str) -> Tuple[float, float, float]:
        """x, y in 0-based pixels, and score of a joint.

        Raises:
            UserError: the keypoint set has no joint of this name.
        """
        names = self.keypoint_set.joints
        if joint not in names:
            near, known = difflib.get_close_matches(str(joint), names), ", ".join(names)
            advice = f"did you mean {near[0]!r}?" if near else f"it has {known}"
            raise UserError(
                f"{self.keypoint_set.name} keypoints have no {joint!r}: {advice}"
            )
        index = names.index(joint)
        x, y = self.keypoints[index].tolist()
        return x, y, float(self.scores[index])

    def to_coco(self) -> Dict[str, Any]:
        """The person in COCO's keypoint-result layout, without ``image_id``."""
        joints = np.concatenate([self.keypoints, self.scores[:, None]], axis=1)
        return keypoint_result(joints, self.score, self.box)
