"""Lengths in which errors are measured, and the thresholds for each.

Letters: N people, K joints.
"""

from typing import Dict, NamedTuple, Tuple

import numpy as np

from ..keypoints.keypoint_set import BOX, HEAD_BOX, TORSO

#: MPII's head size as a fraction of the head box's diagonal.
HEAD_SIZE_BIAS = 0.6


class Thresholds(NamedTuple):
    """A metric's name and thresholds, in multiples of the normalising length."""

    title: str
    threshold: float  # largest error of a found joint
    strict: float  # a smaller one, for ``PCKResult.mean_strict``
    unit: str  # the normalising length, in words


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
    """Distance (N,) of the torso's two joints, which are given by index, in pixels.

    NaN if one of the ``joints`` (N, K, 2) is not ``visible`` (N, K) or both coincide.
    """
    a, b = torso
    lengths = np.linalg.norm(joints[:, a] - joints[:, b], axis=1)
    known = visible[:, a] & visible[:, b] & (lengths > 0)
    return np.where(known, lengths, np.nan)
