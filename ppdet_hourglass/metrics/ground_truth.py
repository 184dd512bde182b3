"""Ground truth to measure predictions with.

Letters: N people, K joints.  All positions are 1-based image pixels, as MPII
gives them.
"""

import logging
import os
import re
from dataclasses import dataclass, field
from typing import Optional

import numpy as np

from ..data.annotations import Annotations
from ..data.crop import PIXELS_PER_SCALE
from ..errors import UserError
from ..keypoints.keypoint_file import read_keypoints
from ..keypoints.keypoint_set import BOX, HEAD_BOX, KeypointSet
from .normaliser import head_sizes, torso_lengths

logger = logging.getLogger(__name__)

#: File of the annotation folder that holds the ground truth of ``mpii_val.json``.
MAT_NAME = "mpii_gt_val.mat"

#: Rounding of the public files against each other stays far below this.
SAME_JOINT_PIXELS = 2.0


@dataclass(frozen=True)
class GroundTruth:
    """Joints, and the length that each person's errors are measured in.

    Attributes:
        joints: (N, K, 2) 1-based pixels.
        visible: (N, K) bool, False where there is no annotation.
        sizes: (N,) pixels: head size (0.6 x diagonal of the head box), length of
            the torso, or longer side of the box, as ``keypoints.normaliser`` says.
        source: the file, for messages.
        keypoints: the set; MPII's if not given.
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
        measure = self.keypoints.normaliser.replace("_", " ")
        if self.sizes.shape != (people,):
            raise UserError(
                f"{self.source}: one {measure} for each of {people} people is needed, "
                f"but there are {len(self.sizes)}"
            )
        wrong = np.flatnonzero(~(self.sizes > 0))
        if wrong.size:
            raise UserError(
                f"{self.source}: {measure} of person {wrong[0]} has no size"
            )
        if not self.visible.any():
            raise UserError(f"{self.source}: no joint is annotated")

    def __len__(self) -> int:
        return len(self.sizes)

    @classmethod
    def from_mat(
        cls, path: str, keypoints: Optional[KeypointSet] = None
    ) -> "GroundTruth":
        """Read ``mpii_gt_val.mat``; ``keypoints`` are MPII's if not given.

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
            sizes=head_sizes(heads.transpose(2, 0, 1)),
            source=path,
            keypoints=keypoints or read_keypoints("mpii"),
        )

    @classmethod
    def from_annotations(
        cls, people: Annotations, keypoints: KeypointSet
    ) -> "GroundTruth":
        """Use the joints of an annotation file.

        Errors are measured in its head boxes, torsos or boxes (in MPII's layout
        scale x 200 px), as ``keypoints.normaliser`` says.  Nothing of a person whose
        torso is not annotated counts.

        Raises:
            UserError: a record has no joints or no head box.
        """
        if people.joints is None or people.visible is None:
            raise UserError(
                f"{people.path}: {people.unannotated} of {len(people)} records have "
                "no joints to evaluate with"
            )
        visible = people.visible > 0
        if keypoints.normaliser == HEAD_BOX:
            sizes = _head_sizes(people)
        elif keypoints.normaliser == BOX:
            sizes = people.scales * PIXELS_PER_SCALE
        else:
            sizes = torso_lengths(people.joints, visible, keypoints.torso)
            known = ~np.isnan(sizes)
            if not known.all():
                logger.warning(
                    f"{people.path}: {(~known).sum()} of {len(people)} people have no "
                    "torso annotated and are not counted"
                )
            visible, sizes = visible & known[:, None], np.where(known, sizes, 1.0)
        return cls(people.joints, visible, sizes, people.path, keypoints)

    @classmethod
    def of(cls, people: Annotations, keypoints: KeypointSet) -> "GroundTruth":
        """Ground truth of an annotation file's people, in its order.

        Where head boxes count, from :func:`mat_path`, if there; otherwise from the
        file itself.

        Raises:
            UserError: there is neither, or the .mat file describes other people.
        """
        path = mat_path(people.path)
        if keypoints.normaliser != HEAD_BOX or not os.path.exists(path):
            return cls.from_annotations(people, keypoints)
        truth = cls.from_mat(path, keypoints)
        if len(truth) != len(people):
            raise UserError(
                f"{path} describes {len(truth)} people, but {people.path} "
                f"{len(people)}: they are no pair"
            )
        _check_same_people(truth, people)
        return truth


def mat_path(annotations: str) -> str:
    """Where the ground truth of an annotation file is looked for: beside it.

    That of ``mpii_test.json`` is ``mpii_gt_test.mat``, and so on; that of a file with
    another name ``mpii_gt_val.mat``.
    """
    folder, name = os.path.split(annotations)
    split = re.fullmatch(r"mpii_(\w+)\.json", name)
    return os.path.join(folder, f"mpii_gt_{split[1]}.mat" if split else MAT_NAME)


def is_withheld(people: Annotations) -> bool:
    """Whether nothing tells where the joints are, as for MPII's test people."""
    return people.unannotated == len(people) and not os.path.exists(
        mat_path(people.path)
    )


def _head_sizes(people: Annotations) -> np.ndarray:
    if people.head_boxes is None:
        name = os.path.basename(mat_path(people.path))
        raise UserError(
            f"no ground truth for {people.path}: put {name} beside it, or give every "
            "record a 'head_box' [x1, y1, x2, y2] (1-based pixels)"
        )
    return head_sizes(people.head_boxes)


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
