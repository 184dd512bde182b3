"""Everything that the report says about one evaluation, as arrays.

Letters: N people, K joints.  All positions are 0-based pixels of the image.
"""

import os
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from ..data.images import image_header
from ..data.people import People, read_people
from ..data.people_dataset import image_folder
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from ..keypoints.pose import JOINT_DECIMALS
from ..metrics.ground_truth import THRESHOLDS, GroundTruth, Thresholds, truth_of
from ..metrics.joint_errors import OtherPeople, classify, pairs
from ..metrics.pck import (
    PCKResult,
    PersonScores,
    normalised_errors,
    pck,
    person_scores,
)
from ..metrics.results import read_results

#: File beside MPII's annotations with the people of its images who are in no split.
NO_SPLIT = "mpii_no_split.json"


@dataclass(frozen=True)
class Study:
    """An evaluation, person by person, in the annotations' order.

    Attributes:
        results: the results file.
        people: the annotations.
        image_folder: folder of their images.
        truth: ground truth.
        predicted: (N, K, 3) x and y, and score.
        errors: (N, K) in the metric's unit.
        classes: (N, K) indices into ``joint_errors.CLASSES``, -1 if not annotated.
        scores: figures of each person.
        neighbours: (N,) number of other annotated people whose centre is in the crop.
        sizes: N pairs of width and height of the images, pixels; None for an image
            that is not there.
        result: the figures.
    """

    results: str
    people: People
    image_folder: str
    truth: GroundTruth
    predicted: np.ndarray
    errors: np.ndarray
    classes: np.ndarray
    scores: PersonScores
    neighbours: np.ndarray
    sizes: List[Optional[Tuple[int, int]]]
    result: PCKResult

    def __len__(self) -> int:
        return len(self.people)

    @property
    def keypoints(self) -> KeypointSet:
        """The keypoint set."""
        return self.truth.keypoints

    @property
    def limits(self) -> Thresholds:
        """The metric's thresholds and unit."""
        return THRESHOLDS[self.keypoints.normaliser]

    @property
    def sides(self) -> np.ndarray:
        """Sides (N,) of the people's crops, pixels."""
        return self.people.crop_sides

    def found(self, threshold: float) -> np.ndarray:
        """Number (N,) of each person's scored joints within a threshold."""
        return ((self.errors <= threshold) & self.truth.scored).sum(axis=1)

    def worst_with_image(self) -> List[int]:
        """Indices of the people whose image is there, worst first."""
        worst = self.scores.worst_first().tolist()
        return [person for person in worst if self.sizes[person] is not None]


def make_study(
    results: str,
    people: People,
    image_folder: str,
    truth: GroundTruth,
    predicted: np.ndarray,
) -> Study:
    """Work out the report's figures.

    Args:
        results: name of the results, to show.
        people: N annotated people.
        image_folder: folder of the images, which may lack some.
        truth: ground truth of the same people.
        predicted: (N, K, 3) x and y, and score.

    Raises:
        UserError: the file of MPII's people outside the splits is wrong.
    """
    found = predicted[..., :2]
    others = _outside_the_splits(people, truth.keypoints)
    return Study(
        results=results,
        people=people,
        image_folder=image_folder,
        truth=truth,
        predicted=predicted,
        errors=normalised_errors(found, truth),
        classes=classify(found, truth, people.images, others),
        scores=person_scores(found, truth),
        neighbours=_neighbours(people, others),
        sizes=[_size(os.path.join(image_folder, name)) for name in people.images],
        result=pck(found, truth),
    )


def read_study(
    results: str, annotations: str, image_folder: str, keypoints: KeypointSet
) -> Study:
    """Read a results file and its annotations, and work out the report's figures.

    Args:
        results: ``keypoints_results.json`` of an evaluation or a prediction.
        annotations: annotation file of the same people, in MPII's or COCO's layout.
        image_folder: folder of the images, which may lack some.
        keypoints: the keypoint set of both.

    Raises:
        UserError: a file is missing or wrong, or the files hold different people.
    """
    people = read_people(annotations, keypoints)
    predicted = read_results(results, people, len(keypoints))
    truth = truth_of(people, keypoints)
    return make_study(results, people, image_folder, truth, predicted)


def study_of(metric: Any) -> Study:
    """The study of an evaluation that has just run, from the metric's memory.

    Args:
        metric: a ``PCK`` that has ground truth and has accumulated.
    """
    folder = image_folder(metric.dataset)
    joints = np.round(metric.joints.astype(np.float64), JOINT_DECIMALS)  # as written
    return make_study(metric.written, metric.people, folder, metric.truth, joints)


def _outside_the_splits(
    people: People, keypoints: KeypointSet
) -> Optional[OtherPeople]:
    """The annotated people of these images whom MPII's split leaves out, if known."""
    path = os.path.join(os.path.dirname(people.path), NO_SPLIT)
    if not os.path.exists(path):
        return None
    beside = read_people(path, keypoints)
    here = np.isin(beside.images, people.images)
    images = [name for name, kept in zip(beside.images, here) if kept]
    return OtherPeople(images, beside.joints[here], beside.visible[here])


def _size(path: str) -> Optional[Tuple[int, int]]:
    try:
        return image_header(path)[0]
    except UserError:
        return None


def _neighbours(people: People, others: Optional[OtherPeople]) -> np.ndarray:
    """Number (N,) of other people of the image whose centre lies in the crop."""
    names, centers = list(people.images), people.centers
    if others is not None:
        shown = others.visible[..., None]
        total = np.where(shown, others.joints, 0).sum(axis=1)
        middles = total / np.maximum(shown.sum(axis=1), 1)
        names, centers = names + others.images, np.concatenate([centers, middles])
    person, other = pairs(names, len(people))
    away = np.abs(centers[other] - people.centers[person]).max(axis=1)
    return np.bincount(
        person[2 * away < people.crop_sides[person]], minlength=len(people)
    )


def groups(study: Study) -> Dict[str, Dict[str, np.ndarray]]:
    """Groups of people, whose figures the report compares.

    Returns:
        By property, the groups by name, each as the indices of its people.
    """
    edges = np.percentile(study.sides, [25, 50, 75])
    sizes = [*(f"up to {edge:.0f} px" for edge in edges), "larger"]
    full = study.truth.scored.any(axis=0).sum()
    counted = np.digitize(study.scores.counted, [full / 2, full - 1, full])
    # share of each crop's area outside its image, NaN if unknown
    extent = np.array([size or (np.nan, np.nan) for size in study.sizes], np.float64)
    corner = study.people.centers - study.sides[:, None] / 2
    low = np.clip(corner, 0, extent)
    high = np.clip(corner + study.sides[:, None], 0, extent)
    outside = 1 - np.prod(high - low, axis=1) / study.sides**2
    outside = np.where(np.isnan(outside), 3, np.digitize(outside, [1e-9, 0.25]))
    singular, plural = study.keypoints.nouns
    named = {
        "Size of the crop": (sizes, np.searchsorted(edges, study.sides)),
        f"Other {plural} in the crop": (
            ["none", "1", "2", "3 or more"],
            np.minimum(study.neighbours, 3),
        ),
        "Part of the crop outside the image": (
            ["none", "up to a quarter", "more", "unknown"],
            outside,
        ),
        "Annotated joints": (
            ["fewer than half", "at least half", "all but one", "all"],
            counted,
        ),
    }
    return {
        title: {
            name: np.flatnonzero(codes == code)
            for code, name in enumerate(names)
            if (codes == code).any()
        }
        for title, (names, codes) in named.items()
    }
