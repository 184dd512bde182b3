"""Ground truth for scoring predictions, and where it comes from.

Letters: N people, K joints.  All positions are 0-based image pixels.
"""

import logging
import os
import re
from dataclasses import dataclass, field
from typing import Dict, NamedTuple, NoReturn, Optional, Tuple

import numpy as np

from ..data.mpii.mat_file import MAT_NAME, read_ground_truth
from ..data.people import People
from ..errors import UserError
from ..keypoints.keypoint_set import BOX, HEAD_BOX, TORSO, KeypointSet, read_keypoints

logger = logging.getLogger(__name__)

#: Largest distance of a joint in the public .mat and JSON files, which differ by
#: rounding, far below this.
SAME_JOINT_PX = 2.0

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


@dataclass(frozen=True)
class GroundTruth:
    """Annotated joints, and the length that is the unit of each person's errors.

    Attributes:
        joints: (N, K, 2).
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


def truth_of(people: People, keypoints: KeypointSet) -> GroundTruth:
    """Return the ground truth of an annotation file's people, in its order.

    If the unit is the head box and the file of :func:`mat_path` exists, it comes from
    there; otherwise from the annotation file.  A box in MPII's layout has sides of
    scale x 200 px.  If the unit is the torso, people without one do not count.

    Raises:
        UserError: there is no ground truth, or the .mat file describes other people.
    """
    mat = mat_path(people.path)
    if keypoints.normaliser == HEAD_BOX and os.path.exists(mat):
        truth = GroundTruth.from_mat(mat, keypoints)
        _check_same_people(truth, people)
        return truth
    if people.unannotated:
        raise UserError(
            f"{people.path}: {people.unannotated} of {len(people)} records have "
            "no joints to evaluate with"
        )
    visible, heads = people.visible, people.head_boxes
    if keypoints.normaliser == TORSO:
        visible, sizes = _with_torso(people, visible, keypoints.torso)
    elif keypoints.normaliser == BOX:
        sizes = people.sides
    elif heads is not None and not np.isnan(heads).any():
        sizes = head_sizes(heads)
    else:
        raise UserError(
            f"no ground truth for {people.path}: put {os.path.basename(mat)} beside "
            "it, or give every record a 'head_box' [x1, y1, x2, y2] (1-based pixels)"
        )
    return GroundTruth(people.joints, visible, sizes, people.path, keypoints)


def mat_path(annotations: str) -> str:
    """Path beside an annotation file where its ground truth is expected.

    ``mpii_NAME.json`` goes with ``mpii_gt_NAME.mat``, any other file with
    ``mpii_gt_val.mat``.
    """
    folder, name = os.path.split(annotations)
    split = re.fullmatch(r"mpii_(\w+)\.json", name)
    return os.path.join(folder, f"mpii_gt_{split[1]}.mat" if split else MAT_NAME)


def is_withheld(people: People) -> bool:
    """Whether the people have no ground truth, as MPII's test people."""
    return people.unannotated == len(people) and not os.path.exists(
        mat_path(people.path)
    )


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


def _with_torso(
    people: People, visible: np.ndarray, torso: Tuple[int, int]
) -> Tuple[np.ndarray, np.ndarray]:
    """(N, K) counted joints, and (N,) torso lengths, 1 where no torso is annotated."""
    lengths = torso_lengths(people.joints, visible, torso)
    known = ~np.isnan(lengths)
    if not known.all():
        logger.warning(
            f"{people.path}: {(~known).sum()} of {len(people)} people have no "
            "torso annotated and are not counted"
        )
    return visible & known[:, None], np.where(known, lengths, 1.0)


def _check_same_people(truth: GroundTruth, people: People) -> None:
    """Refuse a .mat file whose length or order differs from the annotation file's.

    A few joints differ between the two public files, so a record counts as another
    person only if most of its joints differ.
    """
    if len(truth) != len(people):
        raise UserError(
            f"{truth.source} describes {len(truth)} people, but {people.path} "
            f"{len(people)}: they do not belong together"
        )
    if people.unannotated or people.joints.shape != truth.joints.shape:
        return
    distance = np.abs(people.joints - truth.joints).max(axis=2)
    differs = (distance > SAME_JOINT_PX) & truth.visible
    wrong = np.flatnonzero(2 * differs.sum(axis=1) > truth.visible.sum(axis=1))
    if wrong.size:
        raise UserError(
            f"{truth.source}: person {wrong[0]} differs from record {wrong[0]} "
            f"in {people.path} (image {people.images[wrong[0]]}): do the files differ "
            "in order?"
        )
