"""Lengths in which errors are measured, and the thresholds for each.

Letters: N people, K joints.
"""

from dataclasses import dataclass
from typing import Dict, Tuple

import numpy as np

from ..keypoints.keypoint_set import BOX, HEAD_BOX, TORSO

#: MPII's head size as a fraction of the head box's diagonal.
HEAD_SIZE_BIAS = 0.6


@dataclass(frozen=True)
class Thresholds:
    """Thresholds of a metric, in multiples of the normalising length.

    Attributes:
        title: name of the metric.
        threshold: largest error of a found joint.
        strict: a smaller threshold, for ``PCKResult.mean_strict``.
        unit: the normalising length, in words.
    """

    title: str
    threshold: float
    strict: float
    unit: str


#: PCKh@0.5 is MPII's metric (Andriluka et al., CVPR 2014); LSP's is PCK@0.2 of the
#: torso.  Other data sets use, as in mmpose, PCK@0.2 of the box's longer side.
THRESHOLDS: Dict[str, Thresholds] = {
    HEAD_BOX: Thresholds("PCKh", 0.5, 0.1, "head sizes"),
    TORSO: Thresholds("PCK (torso)", 0.2, 0.1, "torso lengths"),
    BOX: Thresholds("PCK (box)", 0.2, 0.05, "box sides"),
}


def head_sizes(head_boxes: np.ndarray) -> np.ndarray:
    """Head sizes (N,) of head boxes (N, 2 corners, 2): 0.6 x diagonal, pixels."""
    corners = head_boxes.astype(np.float64)
    return HEAD_SIZE_BIAS * np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)


def torso_lengths(
    joints: np.ndarray, visible: np.ndarray, torso: Tuple[int, int]
) -> np.ndarray:
    """Distance of the torso's two joints, by their indices.

    Args:
        joints: (N, K, 2) pixels.
        visible: (N, K) bool.

    Returns:
        (N,) pixels; NaN if a joint is not annotated or both coincide.
    """
    a, b = torso
    lengths = np.linalg.norm(joints[:, a] - joints[:, b], axis=1)
    known = visible[:, a] & visible[:, b] & (lengths > 0)
    return np.where(known, lengths, np.nan)
