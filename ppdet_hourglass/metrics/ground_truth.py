"""Ground truth of an MPII evaluation.

Letters: N people, K joints.  All positions are 1-based image pixels, as MPII
gives them.
"""

import os
from dataclasses import dataclass

import numpy as np

from ..data.annotations import Annotations
from ..errors import UserError
from ..keypoints import NUM_JOINTS

#: File of the annotation folder that holds the ground truth of all people.
MAT_NAME = "mpii_gt_val.mat"

#: MPII's head size is this part of the head box's diagonal.
HEAD_SIZE_BIAS = 0.6

#: Rounding of the public files against each other stays far below this.
SAME_JOINT_PIXELS = 2.0


@dataclass(frozen=True)
class GroundTruth:
    """Joints and head sizes to measure predictions with.

    Attributes:
        joints: (N, K, 2) 1-based pixels.
        visible: (N, K) bool, False where MPII has no annotation.
        head_sizes: (N,) pixels, 0.6 x diagonal of the head box.
        source: the file, for messages.
    """

    joints: np.ndarray
    visible: np.ndarray
    head_sizes: np.ndarray
    source: str

    def __post_init__(self) -> None:
        people = len(self.visible)
        shape = (people, NUM_JOINTS, 2)
        if self.joints.shape != shape or self.visible.shape != shape[:2]:
            raise UserError(
                f"{self.source}: joints must have shape {shape}, but have "
                f"{self.joints.shape}, and visibility {self.visible.shape}"
            )
        unknown = ~np.isfinite(self.joints).all(axis=2) & self.visible
        if unknown.any():
            raise UserError(
                f"{self.source}: an annotated joint of person "
                f"{np.argwhere(unknown)[0][0]} is not finite"
            )
        if self.head_sizes.shape != (people,):
            raise UserError(
                f"{self.source}: one head box for each of {people} people is needed, "
                f"but there are {len(self.head_sizes)}"
            )
        wrong = np.flatnonzero(~(self.head_sizes > 0))
        if wrong.size:
            raise UserError(f"{self.source}: head box of person {wrong[0]} has no size")
        if not self.visible.any():
            raise UserError(f"{self.source}: no joint is annotated")

    def __len__(self) -> int:
        return len(self.head_sizes)

    @classmethod
    def from_mat(cls, path: str) -> "GroundTruth":
        """Read ``mpii_gt_val.mat``.

        The file holds ``pos_gt_src`` (K, 2, N), ``jnt_missing`` (K, N) and
        ``headboxes_src`` (2 corners, 2, N).

        Raises:
            UserError: no such file, no .mat file, or a variable is missing.
        """
        from scipy.io import loadmat

        try:
            variables = loadmat(path)
        except FileNotFoundError:
            raise UserError(f"ground truth {path} does not exist") from None
        except Exception as error:
            raise UserError(f"{path} is no readable .mat file: {error}") from None
        needed = ("pos_gt_src", "jnt_missing", "headboxes_src")
        absent = [name for name in needed if name not in variables]
        if absent:
            raise UserError(f"{path} lacks the variable(s) {', '.join(absent)}")
        joints, missing, heads = (variables[name] for name in needed)
        if (joints.ndim, missing.ndim, heads.ndim) != (3, 2, 3):
            raise UserError(
                f"{path}: {', '.join(needed)} must have 3, 2 and 3 dimensions, but "
                f"have {joints.ndim}, {missing.ndim} and {heads.ndim}"
            )
        return cls(
            joints=joints.transpose(2, 0, 1).astype(np.float64),
            visible=missing.T == 0,
            head_sizes=_head_sizes(heads.transpose(2, 0, 1)),
            source=path,
        )

    @classmethod
    def from_annotations(cls, people: Annotations) -> "GroundTruth":
        """Use the joints and head boxes of an annotation file.

        Raises:
            UserError: a record has no joints or no head box.
        """
        if people.joints is None or people.visible is None:
            raise UserError(f"{people.path}: a record has no joints to evaluate with")
        if people.head_boxes is None:
            raise UserError(
                f"no ground truth for {people.path}: put {MAT_NAME} beside it, or "
                "give every record a 'head_box' [x1, y1, x2, y2] (1-based pixels)"
            )
        return cls(
            joints=people.joints,
            visible=people.visible > 0,
            head_sizes=_head_sizes(people.head_boxes),
            source=people.path,
        )

    @classmethod
    def of(cls, people: Annotations) -> "GroundTruth":
        """Ground truth of an annotation file's people, in its order.

        From ``mpii_gt_val.mat`` beside the file or, where there is none, from
        the file's own head boxes.

        Raises:
            UserError: there is neither, or the .mat file describes other people.
        """
        path = os.path.join(os.path.dirname(people.path), MAT_NAME)
        if not os.path.exists(path):
            return cls.from_annotations(people)
        truth = cls.from_mat(path)
        if len(truth) != len(people):
            raise UserError(
                f"{path} describes {len(truth)} people, but {people.path} "
                f"{len(people)}: they are no pair"
            )
        _check_same_people(truth, people)
        return truth


def _head_sizes(head_boxes: np.ndarray) -> np.ndarray:
    """(N, 2 corners, 2) -> (N,)."""
    corners = head_boxes.astype(np.float64)
    return HEAD_SIZE_BIAS * np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)


def _check_same_people(truth: GroundTruth, people: Annotations) -> None:
    """Refuse a .mat file whose rows are in another order than the records.

    A few joints differ in the public pair, so a record counts as another
    person only if most of its joints do.
    """
    if people.joints is None or people.joints.shape != truth.joints.shape:
        return
    distance = np.abs(people.joints - truth.joints).max(axis=2)
    differs = (distance > SAME_JOINT_PIXELS) & truth.visible
    other = np.flatnonzero(2 * differs.sum(axis=1) > truth.visible.sum(axis=1))
    if other.size:
        raise UserError(
            f"{truth.source}: person {other[0]} is not the one of record {other[0]} "
            f"in {people.path} (image {people.images[other[0]]}); order differs?"
        )
