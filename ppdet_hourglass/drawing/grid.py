"""A grid of people: ground truth beside prediction.

Letters: N people, K joints.  All positions are 0-based image pixels.
"""

import json
import os
from typing import List

import cv2
import numpy as np

from ..data.annotations import read_annotations
from ..data.crop import PIXELS_PER_SCALE, person_crops
from ..data.images import read_image
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from .poses import draw_pose

#: Side of one picture of the grid, and pictures (pairs) in a row.
TILE = 256
PAIRS_PER_ROW = 4

#: White frame around a pair, and height of the title bar, pixels.
FRAME = 4
TITLE = 48

#: Endings of picture files that may be written.
PICTURES = (".png", ".jpg", ".jpeg")


def draw_results(
    results: str,
    output: str,
    folder: str,
    anno_path: str,
    people: int,
    keypoints: KeypointSet,
) -> None:
    """Draw the first people of a results file: ground truth left, prediction right.

    Args:
        results: ``keypoints_results.json`` of an evaluation.
        output: picture to write.
        folder: data set folder, with ``images``.
        anno_path: annotation file that was evaluated, below it.
        people: how many to draw.
        keypoints: their joints.

    Raises:
        UserError: a file is missing or unreadable, or the two do not match.
    """
    if os.path.splitext(output)[1].lower() not in PICTURES:
        raise UserError(f"{output} must end in one of {', '.join(PICTURES)}")
    if people < 1:
        raise UserError(f"at least 1 person must be drawn, but got {people}")
    truth = read_annotations(os.path.join(folder, anno_path), len(keypoints), True)
    rows = _read_joints(results, len(keypoints))
    if len(rows) != len(truth):
        raise UserError(
            f"{results} holds {len(rows)} people, but {truth.path} {len(truth)}"
        )
    centers, scales = person_crops(truth.centers, truth.scales)
    tiles = []
    for person in range(min(people, len(rows))):
        path = os.path.join(folder, "images", truth.images[person])
        image = read_image(path, f"{truth.path}: record {person}")
        matrix = _tile_matrix(centers[person], PIXELS_PER_SCALE * scales[person, 0])
        crop = cv2.warpAffine(image, matrix, (TILE, TILE), flags=cv2.INTER_LINEAR)
        real = truth.joints[person] - 1
        left = draw_pose(crop, _moved(real, matrix), keypoints, truth.visible[person])
        right = draw_pose(crop, _moved(rows[person], matrix), keypoints)
        tiles.append(np.hstack([left, right]))
    if not cv2.imwrite(output, _grid(tiles)):
        raise UserError(f"{output} cannot be written: is its folder there?")


def _read_joints(path: str, joints: int) -> np.ndarray:
    """(N, K, 2) of a results file."""
    try:
        with open(path, encoding="utf-8") as file:
            rows = [row["keypoints"] for row in json.load(file)]
        return np.reshape(rows, (len(rows), joints, 3))[..., :2]
    except FileNotFoundError:
        raise UserError(f"results file {path} does not exist") from None
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is no valid results file: {error}") from None


def _tile_matrix(center: np.ndarray, side: float) -> np.ndarray:
    """(2, 3) map of a square crop to a tile."""
    step = TILE / side
    shift = TILE / 2 - step * center
    return np.array([[step, 0, shift[0]], [0, step, shift[1]]])


def _moved(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


def _grid(tiles: List[np.ndarray]) -> np.ndarray:
    """Rows of pairs, white lines between them, titles above."""
    edges = (FRAME,) * 4
    framed = [cv2.copyMakeBorder(t, *edges, 0, value=(255,) * 3) for t in tiles]
    columns = min(PAIRS_PER_ROW, len(framed))
    blank = np.full_like(framed[0], 255)
    framed += [blank] * (-len(framed) % columns)
    rows = [
        np.hstack(framed[start : start + columns])
        for start in range(0, len(framed), columns)
    ]
    return np.vstack([_title(rows[0].shape[1], columns), *rows])


def _title(width: int, columns: int) -> np.ndarray:
    """White bar that says what the pictures and colours are."""
    title = np.full((TITLE, width, 3), 255, np.uint8)
    texts = [("red: the person's right   blue: left   yellow: middle", (8, 18))]
    for start in range(0, width, width // columns):
        texts += [("ground truth", (start + 8, 40))]
        texts += [("prediction", (start + 8 + TILE, 40))]
    for text, at in texts:
        font, gray = cv2.FONT_HERSHEY_SIMPLEX, (40, 40, 40)
        cv2.putText(title, text, at, font, 0.5, gray, 1, cv2.LINE_AA)
    return title
