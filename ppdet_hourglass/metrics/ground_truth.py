"""Ground truth for scoring predictions.

Letters: N people, K joints.  All positions are 1-based image pixels, as in MPII.
"""

from dataclasses import dataclass, field
from typing import NoReturn, Optional

import numpy as np

from ..data.mpii.ground_truth_file import read_ground_truth
from ..errors import UserError
from ..keypoints.keypoint_file import read_keypoints
from ..keypoints.keypoint_set import KeypointSet
from .normaliser import head_sizes


@dataclass(frozen=True)
class GroundTruth:
    """Annotated joints, and the length in which each person's errors are measured.

    Attributes:
        joints: (N, K, 2) 1-based pixels.
        visible: (N, K) bool, whether the joint is annotated.
        sizes: (N,) pixels: head size (0.6 x diagonal of the head box), length of the
            torso, or longer side of the box, according to ``keypoints.normaliser``.
        source: the file, for messages.
        keypoints: the keypoint set, by default MPII's.

    Raises:
        UserError: shapes do not fit together, an annotated joint is not finite, a
            size is not positive, or no joint is annotated.
    """

    joints: np.ndarray
    visible: np.ndarray
    sizes: np.ndarray
    source: str
    keypoints: KeypointSet = field(default_factory=lambda: read_keypoints("mpii"))

    def __post_init__(self) -> None:
        people = len(self.visible)
        shape = (people, len(self.keypoints), 2)
        if self.joints.shape != shape or self.visible.shape != shape[:2]:
            self._refuse(
                f"joints must have shape {shape}, but have {self.joints.shape}, and "
                f"visibility {self.visible.shape}"
            )
        unknown = ~np.isfinite(self.joints).all(axis=2) & self.visible
        if unknown.any():
            person = np.argwhere(unknown)[0][0]
            self._refuse(f"an annotated joint of person {person} is not finite")
        measure = self.keypoints.normaliser.replace("_", " ")
        if self.sizes.shape != (people,):
            self._refuse(
                f"one {measure} for each of {people} people is needed, but there are "
                f"{len(self.sizes)}"
            )
        wrong = np.flatnonzero(~(self.sizes > 0))
        if wrong.size:
            self._refuse(f"{measure} of person {wrong[0]} has no size")
        if not self.visible.any():
            self._refuse("no joint is annotated")

    def _refuse(self, problem: str) -> NoReturn:
        raise UserError(f"{self.source}: {problem}")

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def scored(self) -> np.ndarray:
        """(N, K) bool, annotated joints without the set's ``unscored`` ones."""
        scored = self.visible.copy()
        scored[:, list(self.keypoints.unscored)] = False
        return scored

    @classmethod
    def from_mat(
        cls, path: str, keypoints: Optional[KeypointSet] = None
    ) -> "GroundTruth":
        """Read a file such as ``mpii_gt_val.mat``; the keypoints are MPII's by default.

        Raises:
            UserError: the file does not exist or does not have this layout.
        """
        joints, visible, head_boxes = read_ground_truth(path)
        keypoints = keypoints or read_keypoints("mpii")
        return cls(joints, visible, head_sizes(head_boxes), path, keypoints)
