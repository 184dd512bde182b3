"""Everything that the report says about one evaluation, as arrays.

Letters: N people, K joints.  All positions are 0-based pixels of the image.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Dict, Optional

import numpy as np

from ..data.people import People, read_people
from ..keypoints.keypoint_set import KeypointSet
from ..keypoints.pose import JOINT_DECIMALS
from ..metrics.ground_truth import THRESHOLDS, GroundTruth, Thresholds, truth_of
from ..metrics.joint_errors import classify, pairs
from ..metrics.pck import (
    PCKResult,
    PersonScores,
    normalised_errors,
    pck,
    person_scores,
)
from ..metrics.results import read_results

#: File beside MPII's annotations with the people on its images who are in no split.
NO_SPLIT = "mpii_no_split.json"


@dataclass(frozen=True)
class Study:
    """An evaluation, person by person, in the annotations' order.

    Attributes:
        results: the results file.
        people: the annotations.
        image_folder: folder of their images, which may lack some.
        truth: ground truth of these people.
        predicted: (N, K, 3) x and y, and score.
    """

    results: str
    people: People
    image_folder: str
    truth: GroundTruth
    predicted: np.ndarray

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

    @cached_property
    def errors(self) -> np.ndarray:
        """(N, K) in the metric's unit."""
        return normalised_errors(self.predicted[..., :2], self.truth)

    @cached_property
    def result(self) -> PCKResult:
        """The metric's figures."""
        return pck(self.predicted[..., :2], self.truth)

    @cached_property
    def scores(self) -> PersonScores:
        """Figures of each person."""
        return person_scores(self.predicted[..., :2], self.truth)

    @cached_property
    def others(self) -> Optional[People]:
        """The annotated people of these images whom MPII's split leaves out."""
        path = os.path.join(os.path.dirname(self.people.path), NO_SPLIT)
        if not os.path.exists(path):
            return None
        beside = read_people(path, self.keypoints)
        return beside.take(np.flatnonzero(np.isin(beside.images, self.people.images)))

    @cached_property
    def classes(self) -> np.ndarray:
        """(N, K) indices into ``joint_errors.CLASSES``, -1 if not annotated."""
        found, images = self.predicted[..., :2], self.people.images
        return classify(found, self.truth, images, self.others)

    @cached_property
    def neighbours(self) -> np.ndarray:
        """(N,) number of other annotated people whose crop's centre is in the crop."""
        names, centers = list(self.people.images), self.people.centers
        if self.others is not None:
            names += self.others.images
            centers = np.concatenate([centers, self.others.centers])
        person, other = pairs(names, len(self))
        away = np.abs(centers[other] - centers[person]).max(axis=1)
        inside = 2 * away < self.people.crop_sides[person]
        return np.bincount(person[inside], minlength=len(self))

    def found(self, threshold: float) -> np.ndarray:
        """Number (N,) of each person's scored joints within a threshold."""
        return ((self.errors <= threshold) & self.truth.scored).sum(axis=1)

    def groups(self) -> Dict[str, Dict[str, np.ndarray]]:
        """Indices of the people in groups to compare, by property and name."""
        sides = self.people.crop_sides
        edges = np.percentile(sides, [25, 50, 75])
        full = self.truth.scored.any(axis=0).sum()
        named = {
            "Size of the crop": (
                [*(f"up to {edge:.0f} px" for edge in edges), "larger"],
                np.searchsorted(edges, sides),
            ),
            f"Other {self.keypoints.nouns[1]} in the crop": (
                ["none", "1", "2", "3 or more"],
                np.minimum(self.neighbours, 3),
            ),
            "Annotated joints": (
                ["fewer than half", "at least half", "all but one", "all"],
                np.digitize(self.scores.counted, [full / 2, full - 1, full]),
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


def read_study(
    results: str, annotations: str, image_folder: str, keypoints: KeypointSet
) -> Study:
    """The study of a results file and the annotations of the same people.

    Args:
        results: ``keypoints_results.json`` of an evaluation or a prediction.
        annotations: annotation file, in MPII's or COCO's layout.
        image_folder: folder of the images.
        keypoints: the keypoint set of both files.

    Raises:
        UserError: a file is missing or wrong, or the files hold different people.
    """
    people = read_people(annotations, keypoints)
    predicted = read_results(results, people, len(keypoints))
    truth = truth_of(people, keypoints)
    return Study(results, people, image_folder, truth, predicted)


def study_of(metric: Any) -> Study:
    """The study of the last evaluation of a ``PCK`` with ground truth."""
    from ..data.people_dataset import image_folder  # needs Paddle

    joints = np.round(metric.joints.astype(np.float64), JOINT_DECIMALS)  # as written
    folder = image_folder(metric.dataset)
    return Study(metric.written, metric.people, folder, metric.truth, joints)
