"""Images of many people in one: a training batch, and the worst of an evaluation.

Each person has two square tiles side by side, below a caption.

Letters: N people, K joints, H x W pixels of a crop, h x w of a heatmap.
"""

import os
from typing import List, NamedTuple, Sequence, Tuple

import cv2
import numpy as np

from ..data.crop import PIXELS_PER_SCALE
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

#: Text, dark gray: the same in RGB and BGR.
INK = (40, 40, 40)

#: Maximum length of an image's name, in characters; longer ones are shortened.
NAME_LENGTH = 30

#: Names of joints in a legend: larger sets without left and right have none.
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

    The joints are the peaks of the targets, as nothing else is learned.

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
        pairs.append(_pair(name, "", left, right))
    lines = [[Text(heading, HEADING_PX)], _colors(keypoints)]
    return _arranged(pairs, lines, ("input and joints", "target heatmaps"))


def draw_worst(
    people: People,
    image_folder: str,
    predicted: np.ndarray,
    scores: PersonScores,
    keypoints: KeypointSet,
    count: int,
) -> np.ndarray:
    """Draw the people with the smallest share of found joints, the worst first.

    Of each, the annotated joints are on the left; on the right are the predicted ones,
    those that are not found circled (at the edge if they are outside).

    Args:
        people: N annotated people.
        image_folder: folder of their images.
        predicted: (N, K, 2 or 3), x and y in 0-based pixels of the image.
        scores: of these predictions.
        count: number of people to draw; those whose image cannot be read are left out.

    Returns:
        uint8 BGR.

    Raises:
        UserError: nobody's image can be read.
    """
    figure = THRESHOLDS[keypoints.normaliser]
    pairs: List[np.ndarray] = []
    problem = None
    for person in scores.worst_first().tolist():
        name = people.images[person]
        path = os.path.join(image_folder, name)
        try:
            image = read_image(path, f"{people.path}: record {person}")
        except UserError as error:
            problem = error
            continue
        zoom = TILE_PX / (PIXELS_PER_SCALE * people.scales[person, 0])
        shift = TILE_PX / 2 - zoom * people.centers[person]
        matrix = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
        scaling = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
        tile = cv2.warpAffine(image, matrix, (TILE_PX, TILE_PX), flags=scaling)
        found = zoom * predicted[person, :, :2] + shift
        truth = zoom * people.joints[person] + shift
        right = draw_pose(tile, found, keypoints)
        for point in np.clip(found[scores.wrong[person]], 0, TILE_PX - 1):
            add_ring(right, point)
        score = "not scored"
        if scores.counted[person]:
            share = f"{scores.found[person]}/{scores.counted[person]}"
            score = f"{figure.title} {share} · {scores.mean_errors[person]:.2f}"
        shown = name if len(name) <= NAME_LENGTH else "…" + name[1 - NAME_LENGTH :]
        left = draw_pose(tile, truth, keypoints, people.visible[person] > 0)
        pairs.append(_pair(score, f"record {person} · {shown}", left, right))
        if len(pairs) == count:
            break
    if not pairs:
        raise problem or UserError(f"{people.path}: there is nobody to draw")
    worst = f"Worst {len(pairs)} of {len(people)} {keypoints.nouns[1]}"
    heading = f"{worst}, by share of joints found"
    wrong = f"wrong joint: more than {figure.threshold:g} {figure.unit} from the truth"
    score = (
        f"{figure.title} 9/14 · 0.31: 9 of 14 annotated joints found, mean error 0.31 "
        f"{figure.unit}"
    )
    lines = [
        [Text(heading, HEADING_PX)],
        _colors(keypoints),
        [Text(wrong, ring=True)],
        [Text(score)],
    ]
    return _arranged(pairs, lines, ("annotated", "predicted"))


class Text(NamedTuple):
    """A part of a line, which may stand beside a dot or a ring."""

    text: str
    size: int = TEXT_PX
    dot: Tuple[int, ...] = ()
    ring: bool = False


def _colors(keypoints: KeypointSet) -> List[Text]:
    """What the skeleton's colours mean."""
    colors = joint_colors(keypoints)
    if not keypoints.pairs:
        if len(colors) > MOST_NAMES:
            return []
        names = [name.replace("_", " ") for name in keypoints.joints]
        return [Text(name, dot=color) for name, color in zip(names, colors)]
    sides = [(RIGHT_RGB, "right side"), (LEFT_RGB, "left side")]
    sides.append((PERSON_RGB[0], "middle"))
    return [Text(name, dot=color) for color, name in sides if color in colors]


def _in_tile(image: np.ndarray, zoom: float) -> np.ndarray:
    """An image or heatmap in a tile, from its upper left corner on."""
    matrix = np.array([[zoom, 0, 0], [0, zoom, 0]])
    return cv2.warpAffine(image, matrix, (TILE_PX, TILE_PX), flags=cv2.INTER_LINEAR)


def _pair(start: str, end: str, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Two tiles below a caption with a text at each end."""
    bar = np.full((LINE_PX, PAIR_PX, 3), 255, np.uint8)
    y = LINE_PX // 2
    write_text(bar, start, (MARGIN_PX, y), TEXT_PX)
    write_text(bar, end, (PAIR_PX - MARGIN_PX, y), TEXT_PX, anchor="rm")
    gap = np.full((TILE_PX, GAP_PX, 3), 255, np.uint8)
    return np.vstack([bar, np.hstack([left, gap, right])])


def _arranged(
    pairs: Sequence[np.ndarray], lines: Sequence[Sequence[Text]], names: Sequence[str]
) -> np.ndarray:
    """Arrange pairs in rows below some lines, which break where they are too long.

    ``names`` say what the left and the right tiles show.
    """
    edges = (FRAME_PX,) * 4
    framed = [cv2.copyMakeBorder(pair, *edges, 0, value=(255,) * 3) for pair in pairs]
    columns = min(PAIRS_PER_ROW, len(framed))
    framed += [np.full_like(framed[0], 255)] * (-len(framed) % columns)
    rows = [
        np.hstack(framed[first : first + columns])
        for first in range(0, len(framed), columns)
    ]
    width = rows[0].shape[1]
    bars = [np.full((MARGIN_PX, width, 3), 255, np.uint8)]
    for line in lines:
        bar = np.full((LINE_PX, width, 3), 255, np.uint8)
        x, y = MARGIN_PX, LINE_PX // 2
        for part in line:
            symbol = 2 * MARGIN_PX + 4 if part.dot or part.ring else 0
            length = symbol + text_width(part.text, part.size)
            if x > MARGIN_PX and x + length > width:
                bars.append(bar)
                bar, x = np.full_like(bar, 255), MARGIN_PX
            if part.ring:
                add_ring(bar, np.array([x + MARGIN_PX, y]))
            for color, radius in ((OUTLINE_RGB, 6), (part.dot, 5)) if part.dot else ():
                spot = (x + MARGIN_PX, y)
                cv2.circle(bar, spot, radius, color[::-1], cv2.FILLED, cv2.LINE_AA)
            write_text(bar, part.text, (x + symbol, y), part.size)
            x += length + 2 * MARGIN_PX
        if line:
            bars.append(bar)
    bar = np.full((LINE_PX, width, 3), 255, np.uint8)
    for x in range(FRAME_PX, width, width // columns):
        for name, start in zip(names, (x, x + TILE_PX + GAP_PX)):
            write_text(bar, name, (start + MARGIN_PX, LINE_PX // 2), COLUMN_PX)
    return np.vstack([*bars, bar, *rows])


def text_width(text: str, size: int) -> int:
    """Width of a line, pixels."""
    from PIL import ImageFont

    return round(ImageFont.load_default(size).getlength(text))


def write_text(
    image: np.ndarray, text: str, at: Tuple[int, int], size: int, anchor: str = "lm"
) -> None:
    """Write a line into an image (H, W, 3) uint8, changed in place.

    Pillow's font, unlike OpenCV's, has more than ASCII.

    Args:
        at: x and y of the anchor, pixels.
        size: of the font, pixels.
        anchor: ``lm`` for the left end of the line, ``rm`` for the right end.
    """
    from PIL import Image, ImageDraw, ImageFont

    canvas = Image.fromarray(image)
    font = ImageFont.load_default(size)
    ImageDraw.Draw(canvas).text(at, text, fill=INK, font=font, anchor=anchor)
    image[:] = np.asarray(canvas)
