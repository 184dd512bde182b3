"""Everything that the report says about one evaluation, as arrays.

Letters: N people, K joints.
"""

import os
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

import numpy as np

from ..data.annotations import Annotations, read_annotations
from ..data.images import image_header
from ..data.mpii.details import Details, read_details
from ..drawing.comparison import read_people
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from ..metrics.ground_truth import GroundTruth, truth_of
from ..metrics.joint_errors import OtherPeople, classify, pairs
from ..metrics.normaliser import THRESHOLDS, Thresholds
from ..metrics.pck import (
    PCKResult,
    PersonScores,
    normalised_errors,
    pck,
    person_scores,
)
from ..metrics.results_reader import read_results
from .details import UNKNOWN, groups_of

#: File beside MPII's annotations with the people of its images who are in no split.
NO_SPLIT = "mpii_no_split.json"


@dataclass(frozen=True)
class Study:
    """An evaluation, person by person, in the annotations' order.

    Attributes:
        results: the results file.
        people: the annotations.
        truth: ground truth.
        centers: (N, 2) centres of the people's crops, 0-based pixels.
        sides: (N,) sides of the crops, pixels.
        predicted: (N, K, 3) x and y in 0-based pixels, and score.
        errors: (N, K) in the metric's unit.
        classes: (N, K) indices into ``joint_errors.CLASSES``, -1 if not annotated.
        scores: figures of each person.
        neighbours: (N,) number of other annotated people whose centre is in the crop.
        sizes: N pairs of width and height of the pictures, pixels; None for a
            picture that is not there.
        result: the figures.
        details: people's activities and occluded joints; None if unknown.
    """

    results: str
    people: Annotations
    truth: GroundTruth
    centers: np.ndarray
    sides: np.ndarray
    predicted: np.ndarray
    errors: np.ndarray
    classes: np.ndarray
    scores: PersonScores
    neighbours: np.ndarray
    sizes: List[Optional[Tuple[int, int]]]
    result: PCKResult
    details: Optional[Details]

    def __len__(self) -> int:
        return len(self.people)

    @property
    def keypoints(self) -> KeypointSet:
        """The keypoint set."""
        return self.truth.keypoints

    @property
    def thresholds(self) -> Thresholds:
        """The metric's thresholds and unit."""
        return THRESHOLDS[self.keypoints.normaliser]

    def found(self, threshold: float) -> np.ndarray:
        """Number (N,) of each person's scored joints within a threshold."""
        return ((self.errors <= threshold) & self.truth.scored).sum(axis=1)

    def worst_pictured(self) -> List[int]:
        """Indices of the people whose picture is there, worst first."""
        worst = self.scores.worst_first().tolist()
        return [person for person in worst if self.sizes[person] is not None]


def study(
    results: str, annotations: str, image_folder: str, keypoints: KeypointSet
) -> Study:
    """Read a results file and its annotations, and work out the report's figures.

    Args:
        results: ``keypoints_results.json`` of an evaluation or a prediction.
        annotations: annotation file of the same people, in MPII's or COCO's layout.
        image_folder: folder of the pictures, which may lack some.
        keypoints: the keypoint set of both.

    Raises:
        UserError: a file is missing or wrong, or the files hold different people.
    """
    people, centers, sides = read_people(annotations, image_folder, keypoints)
    predicted = read_results(results, people, len(keypoints))
    truth = truth_of(people, keypoints)
    places = predicted[..., :2]
    others = _others(annotations, people, len(keypoints))
    return Study(
        results=results,
        people=people,
        truth=truth,
        centers=centers,
        sides=sides,
        predicted=predicted,
        errors=normalised_errors(places, truth),
        classes=classify(places, truth, people.images, others),
        scores=person_scores(places, truth),
        neighbours=_neighbours(people, centers, sides, others),
        sizes=[_size(os.path.join(image_folder, name)) for name in people.images],
        result=pck(places, truth),
        details=read_details(annotations, people.images),
    )


def _others(
    annotations: str, people: Annotations, num_joints: int
) -> Optional[OtherPeople]:
    """The annotated people of these pictures whom MPII's split leaves out, if known."""
    path = os.path.join(os.path.dirname(annotations), NO_SPLIT)
    if not os.path.exists(path):
        return None
    beside = read_annotations(path, num_joints, need_joints=True)
    here = np.isin(beside.images, people.images)
    images = [name for name, kept in zip(beside.images, here) if kept]
    return OtherPeople(images, beside.joints[here], beside.visible[here] > 0)


def _size(path: str) -> Optional[Tuple[int, int]]:
    try:
        return image_header(path)[0]
    except UserError:
        return None


def _neighbours(
    people: Annotations,
    centers: np.ndarray,
    sides: np.ndarray,
    others: Optional[OtherPeople],
) -> np.ndarray:
    """Number (N,) of other people of the picture whose centre lies in the crop."""
    names, places = people.images, people.centers - 1
    if others is not None:
        middles = _middles(others)
        names, places = names + others.images, np.concatenate([places, middles])
    person, other = pairs(names, len(people))
    away = np.abs(places[other] - centers[person]).max(axis=1)
    return np.bincount(person[2 * away < sides[person]], minlength=len(people))


def _middles(others: OtherPeople) -> np.ndarray:
    """Mean (M, 2) of each person's annotated joints, 0-based pixels."""
    weights = others.visible[..., None].astype(np.float64)
    total = (np.where(others.visible[..., None], others.joints, 0)).sum(axis=1)
    return total / np.maximum(weights.sum(axis=1), 1) - 1


def groups(one: Study) -> Dict[str, Dict[str, np.ndarray]]:
    """Groups of people, whose figures the report compares.

    Returns:
        By property, the groups by name, each as the indices of its people.
    """
    heights = one.sides.astype(np.float64)
    edges = np.percentile(heights, [25, 50, 75])
    sizes = [*(f"up to {edge:.0f} px" for edge in edges), "larger"]
    full = one.truth.scored.any(axis=0).sum()
    shown = np.digitize(one.scores.counted, [full / 2, full - 1, full])
    leaving = _leaving(one)
    outside = np.where(np.isnan(leaving), 3, np.digitize(leaving, [1e-9, 0.25]))
    counts = ["fewer than half", "at least half", "all but one", "all"]
    named = {
        "Size of the crop": (sizes, np.searchsorted(edges, heights)),
        "Other people in the crop": (
            ["none", "1", "2", "3 or more"],
            np.minimum(one.neighbours, 3),
        ),
        "Part of the crop outside the picture": (
            ["none", "up to a quarter", "more", UNKNOWN],
            outside,
        ),
        "Annotated joints": (counts, shown),
        **groups_of(one.details),
    }
    return {
        title: {
            name: np.flatnonzero(codes == code)
            for code, name in enumerate(names)
            if (codes == code).any()
        }
        for title, (names, codes) in named.items()
    }


def _leaving(one: Study) -> np.ndarray:
    """Share (N,) of each crop's area that lies outside its picture; NaN if unknown."""
    sizes = np.array([size or [np.nan, np.nan] for size in one.sizes], np.float64)
    corner = one.centers - one.sides[:, None] / 2
    low = np.clip(corner, 0, sizes)
    high = np.clip(corner + one.sides[:, None], 0, sizes)
    return 1 - np.prod(high - low, axis=1) / one.sides**2
