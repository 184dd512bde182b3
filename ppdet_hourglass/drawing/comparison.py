"""Annotations and predictions of the same people, read from their files.

Letters: N people, K joints.  Positions are 0-based image pixels.
"""

import logging
from dataclasses import dataclass
from typing import Optional, Tuple

import numpy as np

from ..data.annotations import Annotations, read_annotations
from ..data.crop import PADDING, PIXELS_PER_SCALE, person_crops
from ..errors import UserError
from ..files import read_json
from ..keypoints.keypoint_set import KeypointSet
from ..metrics.ground_truth import truth_of
from ..metrics.pck import PersonScores, person_scores
from ..metrics.results_reader import read_results

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Comparison:
    """Annotated people and their predictions, in the annotations' order.

    Attributes:
        people: the annotations, in 1-based pixels.
        centers: (N, 2) centres of the people's crops.
        sides: (N,) sides of the crops, pixels.
        predicted: (N, K, 2) predicted joints.
        scores: scores of the predictions; None if they cannot be scored.
    """

    people: Annotations
    centers: np.ndarray
    sides: np.ndarray
    predicted: np.ndarray
    scores: Optional[PersonScores]


def compare(
    results: str,
    annotations: str,
    image_folder: str,
    keypoints: KeypointSet,
    scored: bool,
) -> Comparison:
    """Read a results file and the annotations that it belongs to.

    Raises:
        UserError: a file is missing or wrong, the files hold different people, or the
            predictions should be scored but cannot be.
    """
    people, centers, sides = read_people(annotations, image_folder, keypoints)
    predicted = read_results(results, people, len(keypoints))[..., :2]
    scores = None
    try:
        scores = person_scores(predicted, truth_of(people, keypoints))
    except UserError as error:
        if scored:
            raise
        logger.warning(f"people are drawn without scores: {error}")
    return Comparison(people, centers, sides, predicted, scores)


def read_people(
    path: str, image_folder: str, keypoints: KeypointSet
) -> Tuple[Annotations, np.ndarray, np.ndarray]:
    """Read an annotation file in MPII's or COCO's layout.

    Returns:
        The people, and centres (N, 2) and sides (N,) of their crops, 0-based pixels.

    Raises:
        UserError: the file is missing or wrong, or a record has no joints.
    """
    if isinstance(read_json(path, "annotation file"), dict):  # COCO's; MPII's is a list
        from ..metrics.dataset_people import coco_people  # needs Paddle

        people = coco_people(path, image_folder, keypoints)
        sides = PADDING * PIXELS_PER_SCALE * people.scales
        return people, people.centers - 1, sides
    people = read_annotations(path, len(keypoints), need_joints=True)
    centers, scales = person_crops(people.centers, people.scales)
    return people, centers, PIXELS_PER_SCALE * scales[:, 0]
