"""A grid of people: ground truth beside prediction.

Letters: N people, K joints.  All positions are 0-based image pixels.
"""

import logging
import os
from typing import List, Optional

import cv2
import numpy as np

from ..data.annotations import Annotations, read_annotations
from ..data.crop import PIXELS_PER_SCALE, person_crops
from ..data.images import read_image
from ..errors import UserError
from ..files import read_json, write_whole
from ..keypoints.keypoint_set import KeypointSet
from ..metrics.ground_truth import GroundTruth
from ..metrics.normaliser import THRESHOLDS
from ..metrics.person_scores import PersonScores, person_scores
from ..metrics.results_reader import read_results
from .pair import TILE_PX, caption, draw_pair
from .title import draw_title

logger = logging.getLogger(__name__)

#: Pairs of pictures in a row, and white frame around each.
PAIRS_PER_ROW = 4
FRAME_PX = 4

#: Image names are shortened to this many characters.
NAME_LENGTH = 30

#: Endings of picture files that may be written.
PICTURES = (".png", ".jpg", ".jpeg")


def draw_results(
    results: str,
    output: str,
    annotations: str,
    image_folder: str,
    keypoints: KeypointSet,
    count: int,
    worst: bool = False,
) -> None:
    """Draw people of a results file: ground truth left, prediction right.

    Each person has a score, if the annotations say what errors are measured in; joints
    that are not found are circled.

    Args:
        results: ``keypoints_results.json`` of an evaluation or a prediction.
        output: picture to write.
        annotations: their annotation file, in MPII's or COCO's layout.
        image_folder: folder of its images.
        keypoints: their joints.
        count: how many people to draw.
        worst: draw those with the smallest share of found joints, worst first, instead
            of the first ones of the annotations.

    Raises:
        UserError: a file is missing or unreadable, the two have other people, or the
            worst are to be drawn but cannot be scored.
    """
    ending = os.path.splitext(output)[1].lower()
    if ending not in PICTURES:
        raise UserError(f"{output} must end in one of {', '.join(PICTURES)}")
    if count < 1:
        raise UserError(f"at least 1 person must be drawn, but got {count}")
    people = _read_people(annotations, image_folder, keypoints)
    joints = read_results(results, people, len(keypoints))
    scores = _scores(joints, people, keypoints, needed=worst)
    order = scores.worst_first() if worst else np.arange(len(people))
    chosen = order[:count].tolist()
    pairs = _pairs(chosen, people, joints, scores, image_folder, keypoints)
    which = f"{len(chosen)} of {len(people)} people"
    heading = f"Worst {which}, by share of found joints" if worst else f"First {which}"
    picture = _grid(pairs, heading, keypoints.normaliser if scores else None)
    write_whole(output, cv2.imencode(ending, picture)[1].tobytes())


def _read_people(path: str, image_folder: str, keypoints: KeypointSet) -> Annotations:
    if isinstance(read_json(path, "annotation file"), dict):  # COCO's; MPII's is a list
        from ..metrics.dataset_people import coco_people  # needs Paddle

        return coco_people(path, image_folder, keypoints)
    return read_annotations(path, len(keypoints), need_joints=True)


def _scores(
    joints: np.ndarray, people: Annotations, keypoints: KeypointSet, needed: bool
) -> Optional[PersonScores]:
    """Scores of (N, K, 2) joints; None if they are not needed and cannot be had."""
    try:
        return person_scores(joints, GroundTruth.of(people, keypoints))
    except UserError as error:
        if needed:
            raise
        logger.warning(f"people are drawn without scores: {error}")
        return None


def _pairs(
    chosen: List[int],
    people: Annotations,
    joints: np.ndarray,
    scores: Optional[PersonScores],
    image_folder: str,
    keypoints: KeypointSet,
) -> List[np.ndarray]:
    """Pictures of the chosen people, captions above them."""
    centers, scales = person_crops(people.centers, people.scales)
    nothing = np.zeros(len(keypoints), bool)
    pairs = []
    for person in chosen:
        name = people.images[person]
        path = os.path.join(image_folder, name)
        image = read_image(path, f"{people.path}: record {person}")
        matrix = _tile_matrix(centers[person], PIXELS_PER_SCALE * scales[person, 0])
        crop = cv2.warpAffine(image, matrix, (TILE_PX, TILE_PX), flags=cv2.INTER_LINEAR)
        truth = _moved(people.joints[person] - 1, matrix)
        predicted = _moved(joints[person], matrix)
        wrong = nothing if scores is None else scores.wrong[person]
        visible = people.visible[person]
        pair = draw_pair(crop, truth, visible, predicted, wrong, keypoints)
        text = _score_text(scores, person, keypoints.normaliser)
        bar = caption(text, f"person {person} · {_shortened(name)}")
        pairs.append(np.vstack([bar, pair]))
    return pairs


def _score_text(scores: Optional[PersonScores], person: int, normaliser: str) -> str:
    if scores is None:
        return ""
    if scores.counted[person] == 0:
        return "not scored"
    share = f"{scores.found[person]}/{scores.counted[person]}"
    return f"{THRESHOLDS[normaliser].title} {share} · {scores.mean_errors[person]:.2f}"


def _shortened(name: str) -> str:
    """The end of a long path, which leaves space for the score."""
    return name if len(name) <= NAME_LENGTH else "…" + name[1 - NAME_LENGTH :]


def _tile_matrix(center: np.ndarray, side: float) -> np.ndarray:
    """(2, 3) map of a square crop to a tile."""
    step = TILE_PX / side
    shift = TILE_PX / 2 - step * center
    return np.array([[step, 0, shift[0]], [0, step, shift[1]]])


def _moved(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


def _grid(
    pairs: List[np.ndarray], heading: str, normaliser: Optional[str]
) -> np.ndarray:
    """Rows of pairs, white lines between them, the title above."""
    edges = (FRAME_PX,) * 4
    framed = [cv2.copyMakeBorder(pair, *edges, 0, value=(255,) * 3) for pair in pairs]
    columns = min(PAIRS_PER_ROW, len(framed))
    framed += [np.full_like(framed[0], 255)] * (-len(framed) % columns)
    rows = [
        np.hstack(framed[start : start + columns])
        for start in range(0, len(framed), columns)
    ]
    width = rows[0].shape[1]
    starts = range(FRAME_PX, width, width // columns)
    return np.vstack([draw_title(heading, starts, width, normaliser), *rows])
