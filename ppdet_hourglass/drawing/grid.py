"""A grid of people: ground truth beside prediction."""

import os
from typing import List, Optional, Tuple

import cv2
import numpy as np

from ..data.images import read_image
from ..errors import UserError
from ..files import write_whole
from ..keypoints.keypoint_set import KeypointSet
from ..metrics.normaliser import THRESHOLDS
from ..metrics.pck import PersonScores
from .comparison import Comparison, compare
from .pair import TILE_PX, caption, draw_pair
from .title import draw_title

#: Pairs of pictures in a row, and width of the white frame around each.
PAIRS_PER_ROW = 4
FRAME_PX = 4

#: Maximum length of an image name, in characters; longer ones are shortened.
NAME_LENGTH = 30

#: Endings of the output file.
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg")


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

    Joints that are not found are circled, and each person gets a score, unless the
    annotations do not allow scoring.

    Args:
        results: ``keypoints_results.json`` of an evaluation or a prediction.
        output: picture to write.
        annotations: annotation file of the same people, in MPII's or COCO's layout.
        image_folder: folder of its images.
        count: number of people to draw: the first of the annotations, or, if ``worst``,
            those with the smallest share of found joints, worst first.

    Raises:
        UserError: a file is missing or wrong, the files hold different people, or the
            worst people are asked for but cannot be scored.
    """
    ending = os.path.splitext(output)[1].lower()
    if ending not in PICTURE_ENDINGS:
        raise UserError(f"{output} must end in one of {', '.join(PICTURE_ENDINGS)}")
    if count < 1:
        raise UserError(f"at least 1 person must be drawn, but got {count}")
    found = compare(results, annotations, image_folder, keypoints, scored=worst)
    order = found.scores.worst_first() if worst else np.arange(len(found.people))
    chosen = order[:count].tolist()
    pairs = [_pair(found, person, image_folder, keypoints) for person in chosen]
    which = f"{len(chosen)} of {len(order)} people"
    heading = f"Worst {which}, by share of found joints" if worst else f"First {which}"
    picture = arrange(pairs, heading, keypoints.normaliser if found.scores else None)
    write_whole(output, cv2.imencode(ending, picture)[1].tobytes())


def _pair(
    found: Comparison, person: int, image_folder: str, keypoints: KeypointSet
) -> np.ndarray:
    """Draw a person's two pictures, with a caption above."""
    people, scores = found.people, found.scores
    name = people.images[person]
    path = os.path.join(image_folder, name)
    image = read_image(path, f"{people.path}: record {person}")
    step = TILE_PX / found.sides[person]  # tile pixels per image pixel
    shift = TILE_PX / 2 - step * found.centers[person]
    matrix = np.array([[step, 0, shift[0]], [0, step, shift[1]]])
    pair = draw_pair(
        cv2.warpAffine(image, matrix, (TILE_PX, TILE_PX), flags=cv2.INTER_LINEAR),
        step * (people.joints[person] - 1) + shift,
        people.visible[person] > 0,
        step * found.predicted[person] + shift,
        scores.wrong[person] if scores else np.zeros(len(keypoints), bool),
        keypoints,
    )
    shown = name if len(name) <= NAME_LENGTH else "…" + name[1 - NAME_LENGTH :]
    score = _score(scores, person, keypoints.normaliser)
    return np.vstack([caption(score, f"person {person} · {shown}"), pair])


def _score(scores: Optional[PersonScores], person: int, normaliser: str) -> str:
    """Format a person's score, such as ``PCKh 12/14 · 0.31``."""
    if scores is None or scores.counted[person] == 0:
        return "not scored"
    share = f"{scores.found[person]}/{scores.counted[person]}"
    return f"{THRESHOLDS[normaliser].title} {share} · {scores.mean_errors[person]:.2f}"


def arrange(
    pairs: List[np.ndarray],
    heading: str,
    normaliser: Optional[str],
    names: Tuple[str, str] = ("ground truth", "prediction"),
) -> np.ndarray:
    """Arrange framed pairs in rows, with the title above.

    Args:
        pairs: pictures of PAIR_PX width, uint8 BGR.
        heading: the first line.
        normaliser: ``KeypointSet.normaliser`` of the scores; None without scores.
        names: what the left and the right picture of a pair show.
    """
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
    return np.vstack([draw_title(heading, starts, width, normaliser, names), *rows])
