"""The bar above a grid of people: heading, legend and column names."""

from typing import Optional, Sequence, Tuple

import cv2
import numpy as np

from ..metrics.normaliser import THRESHOLDS
from .pair import FONT_PX, GAP_PX, MARGIN_PX, TILE_PX, write_text
from .poses import LEFT_RGB, OUTLINE_RGB, PERSON_RGB, RIGHT_RGB, add_ring

#: Height of a line, and font sizes of the heading and the column names.
LINE_PX = 24
HEADING_PX = 17
COLUMN_PX = 15

#: Distance from a symbol's centre to its text, and to the next symbol of the line.
SYMBOL_PX = 16
STEP_PX = 120

#: Meaning of the skeleton's colours.
COLORS = ((RIGHT_RGB, "right side"), (LEFT_RGB, "left side"), (PERSON_RGB[0], "middle"))


def draw_title(
    heading: str,
    columns: Sequence[int],
    width: int,
    normaliser: Optional[str],
    names: Tuple[str, str],
) -> np.ndarray:
    """Draw the heading, the legend and the column names as (H, width, 3) uint8 BGR.

    Args:
        columns: x of each pair of pictures.
        normaliser: ``KeypointSet.normaliser`` of the scores; None without scores.
        names: what the left and the right picture of a pair show.
    """
    lines = 3 if normaliser is None else 5
    bar = np.full((LINE_PX * lines + MARGIN_PX, width, 3), 255, np.uint8)
    middles = [MARGIN_PX + LINE_PX // 2 + LINE_PX * line for line in range(lines)]
    write_text(bar, heading, (MARGIN_PX, middles[0]), HEADING_PX)
    _add_colors(bar, middles[1])
    if normaliser is not None:
        _add_scores(bar, middles[2:4], normaliser)
    for x in columns:
        for name, start in zip(names, (x, x + TILE_PX + GAP_PX)):
            write_text(bar, name, (start + MARGIN_PX, middles[-1]), COLUMN_PX)
    return bar


def _add_colors(bar: np.ndarray, y: int) -> None:
    for index, (color, text) in enumerate(COLORS):
        x = 2 * MARGIN_PX + index * STEP_PX
        for shown, radius in ((OUTLINE_RGB, 6), (color, 5)):
            cv2.circle(bar, (x, y), radius, shown[::-1], cv2.FILLED, cv2.LINE_AA)
        write_text(bar, text, (x + SYMBOL_PX, y), FONT_PX)


def _add_scores(bar: np.ndarray, lines: Sequence[int], normaliser: str) -> None:
    """Explain a circle and a score."""
    figure = THRESHOLDS[normaliser]
    x = 2 * MARGIN_PX
    add_ring(bar, np.array([x, lines[0]]))
    wrong = f"wrong joint: more than {figure.threshold:g} {figure.unit} from the truth"
    write_text(bar, wrong, (x + SYMBOL_PX, lines[0]), FONT_PX)
    score = (
        f"{figure.title} 9/14 · 0.31: 9 of 14 scored joints found, mean error 0.31 "
        f"{figure.unit}"
    )
    write_text(bar, score, (MARGIN_PX, lines[1]), FONT_PX)
