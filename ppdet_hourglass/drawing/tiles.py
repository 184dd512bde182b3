"""Images of many people in one: a training batch, and the worst of an evaluation.

Each person has two square tiles side by side, below a caption.

Letters: N people, K joints, H x W pixels of a crop, h x w of a heatmap.
"""

import os
from typing import List, Sequence, Tuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..data.images import read_image
from ..data.people import People
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from ..metrics.ground_truth import THRESHOLDS
from ..metrics.pck import PersonScores
from ..modeling.peaks import argmax_joints
from .poses import (
    LEFT_RGB,
    OUTLINE_RGB,
    PERSON_RGB,
    RIGHT_RGB,
    add_ring,
    draw_pose,
    joint_colors,
)

#: Side of a tile, gap between a person's two, and white frame around both.
TILE_PX, GAP_PX, FRAME_PX = 256, 4, 4
PAIR_PX = 2 * TILE_PX + GAP_PX

PAIRS_PER_ROW = 4

#: Height of a line of text, its distance from the edge, and sizes of the font.
LINE_PX, MARGIN_PX = 24, 8
TEXT_PX, COLUMN_PX, HEADING_PX = 13, 15, 17

#: Place of a dot or a ring before its text.
SYMBOL_PX = 24

#: Maximum length of an image's name, in characters; longer ones are shortened.
NAME_LENGTH = 30

#: Sets of more joints without left and right have no legend.
MOST_NAMES = 24

#: Brightness of the crop below its heatmaps.
DIMMED = 0.35


def draw_batch(
    images: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    names: Sequence[str],
    heading: str,
    keypoints: KeypointSet,
) -> np.ndarray:
    """Draw each person's crop with its joints, and beside it the target heatmaps.

    The joints are the peaks of the targets, which are all that is learned.

    Args:
        images: (N, H, W, 3) uint8 BGR.
        targets: (N, K, h, w) in [0, 1].
        weights: (N, K), 0 for joints that are not learned, which are not drawn.
        names: N captions.
        heading: the first line.

    Returns:
        uint8 BGR.
    """
    colors = np.array(joint_colors(keypoints))[:, ::-1]
    pairs = []
    for image, target, weight, name in zip(images, targets, weights, names):
        zoom = TILE_PX / max(image.shape[:2])
        step = zoom * image.shape[1] / target.shape[2]  # tile pixels per heatmap pixel
        learned = (weight > 0) & (target.max(axis=(1, 2)) > 0)
        joints, _ = argmax_joints(target[None])
        crop = _in_tile(image, zoom)
        heat = DIMMED * crop
        for joint in np.flatnonzero(learned):
            share = _in_tile(target[joint].astype(np.float32), step)[..., None]
            heat = (1 - share) * heat + share * colors[joint]
        left = draw_pose(crop, joints[0] * step, keypoints, learned)
        right = np.clip(np.round(heat), 0, 255).astype(np.uint8)
        pairs.append(_pair([(MARGIN_PX, name)], left, right))
    title = heading
    if keypoints.pairs:
        title += (
            f": red must be each {keypoints.nouns[0]}'s own right side, in mirrored "
        )
        title += "crops too"
    return _arranged(pairs, title, keypoints, [], ("input and joints", "targets"))


def draw_worst(
    people: People,
    image_folder: str,
    predicted: np.ndarray,
    scores: PersonScores,
    keypoints: KeypointSet,
    count: int,
) -> np.ndarray:
    """Draw the people with the smallest share of found joints, the worst first.

    Each person has the annotated joints on the left and the predicted ones on the
    right, where joints that are not found are circled (at the edge if outside).

    Args:
        people: N annotated people.
        image_folder: folder of their images.
        predicted: (N, K, 2 or 3), x and y in 0-based pixels of the image.
        scores: of these predictions.
        count: number of people to draw; people without a readable image are left out.

    Returns:
        uint8 BGR.

    Raises:
        UserError: no image can be read.
    """
    figure = THRESHOLDS[keypoints.normaliser]
    pairs: List[np.ndarray] = []
    problem = UserError(f"{people.path} holds no people to draw")
    for person in scores.worst_first().tolist():
        name = people.images[person]
        try:
            image = read_image(os.path.join(image_folder, name))
        except UserError as error:
            problem = error
            continue
        zoom = TILE_PX / people.crop_sides[person]
        shift = TILE_PX / 2 - zoom * people.centers[person]
        matrix = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
        scaling = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
        tile = cv2.warpAffine(image, matrix, (TILE_PX, TILE_PX), flags=scaling)
        truth = zoom * people.joints[person] + shift
        left = draw_pose(tile, truth, keypoints, people.visible[person] > 0)
        found = zoom * predicted[person, :, :2] + shift
        right = draw_pose(tile, found, keypoints)
        for point in np.clip(found[scores.wrong[person]], 0, TILE_PX - 1):
            add_ring(right, point)
        score = "not scored"
        if scores.counted[person]:
            share = f"{scores.found[person]}/{scores.counted[person]}"
            score = f"{figure.title} {share} · {scores.mean_errors[person]:.2f}"
        shown = name if len(name) <= NAME_LENGTH else "…" + name[1 - NAME_LENGTH :]
        texts = [(MARGIN_PX, score), (-MARGIN_PX, f"record {person} · {shown}")]
        pairs.append(_pair(texts, left, right))
        if len(pairs) == count:
            break
    if not pairs:
        raise problem
    everybody = f"{len(people)} {keypoints.nouns[1]}"
    legend = [
        f"wrong joint: over {figure.threshold:g} {figure.unit} from the annotation",
        f"{figure.title} 9/14 · 0.31: 9 of 14 annotated joints found, mean error 0.31 "
        f"{figure.unit}",
    ]
    heading = f"Worst {len(pairs)} of {everybody}, by share of joints found"
    return _arranged(pairs, heading, keypoints, legend, ("annotated", "predicted"))


def _in_tile(image: np.ndarray, zoom: float) -> np.ndarray:
    """An image or heatmap in a tile, from its upper left corner on."""
    matrix = np.array([[zoom, 0, 0], [0, zoom, 0]])
    return cv2.warpAffine(image, matrix, (TILE_PX, TILE_PX), flags=cv2.INTER_LINEAR)


def _pair(
    caption: Sequence[Tuple[int, str]], left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Two tiles below their caption, in a white frame."""
    gap = np.full((TILE_PX, GAP_PX, 3), 255, np.uint8)
    pair = np.vstack([_bar(PAIR_PX, caption), np.hstack([left, gap, right])])
    return cv2.copyMakeBorder(pair, *(FRAME_PX,) * 4, 0, value=(255,) * 3)


def _arranged(
    pairs: List[np.ndarray],
    heading: str,
    keypoints: KeypointSet,
    legend: Sequence[str],
    columns: Tuple[str, str],
) -> np.ndarray:
    """Arrange pairs in rows below the heading, the colours' meaning and a legend.

    A ring stands before the legend's first line; ``columns`` name the tiles of a pair.
    """
    across = min(PAIRS_PER_ROW, len(pairs))
    pairs = pairs + [np.full_like(pairs[0], 255)] * (-len(pairs) % across)
    rows = [
        np.hstack(pairs[first : first + across])
        for first in range(0, len(pairs), across)
    ]
    width = rows[0].shape[1]
    bars = [_bar(width, [(MARGIN_PX, heading)], HEADING_PX), *_colors(width, keypoints)]
    for line, text in enumerate(legend):
        bars.append(_bar(width, [(MARGIN_PX + (line == 0) * SYMBOL_PX, text)]))
        if line == 0:
            add_ring(bars[-1], np.array([SYMBOL_PX / 2 + MARGIN_PX / 2, LINE_PX // 2]))
    starts = range(FRAME_PX + MARGIN_PX, width, width // across)
    names = [(x, columns[0]) for x in starts]
    names += [(x + TILE_PX + GAP_PX, columns[1]) for x in starts]
    return np.vstack([*bars, _bar(width, names, COLUMN_PX), *rows])


def _colors(width: int, keypoints: KeypointSet) -> List[np.ndarray]:
    """Lines that explain the skeleton's colours."""
    colors = joint_colors(keypoints)
    names = [name.replace("_", " ") for name in keypoints.joints]
    meanings = list(zip(colors, names)) if len(names) <= MOST_NAMES else []
    if keypoints.pairs:
        sides = ((RIGHT_RGB, "right side"), (LEFT_RGB, "left side"))
        meanings = [*sides, (PERSON_RGB[0], "middle")]
        meanings = [(color, name) for color, name in meanings if color in colors]
    font = ImageFont.load_default(TEXT_PX)
    bars, x = [], width
    for color, name in meanings:
        length = SYMBOL_PX + round(font.getlength(name))
        if x + length > width:
            bars.append(_bar(width, []))
            x = MARGIN_PX
        bars[-1] = np.minimum(bars[-1], _bar(width, [(x + SYMBOL_PX, name)]))
        for shown, radius in ((OUTLINE_RGB, 6), (color, 5)):
            spot = (x + SYMBOL_PX // 2, LINE_PX // 2)
            cv2.circle(bars[-1], spot, radius, shown[::-1], cv2.FILLED, cv2.LINE_AA)
        x += length + MARGIN_PX
    return bars


def _bar(
    width: int, texts: Sequence[Tuple[int, str]], size: int = TEXT_PX
) -> np.ndarray:
    """A line of texts, each at its x; one with a negative x ends there, from the right.

    Pillow's font, unlike OpenCV's, has more than ASCII.
    """
    canvas = Image.new("RGB", (width, LINE_PX), "white")
    for x, text in texts:
        where = (x % width, LINE_PX // 2)
        font, anchor = ImageFont.load_default(size), "lm" if x >= 0 else "rm"
        ImageDraw.Draw(canvas).text(where, text, "#282828", font, anchor)
    return np.array(canvas)
