"""Writing the page about an evaluation."""

import logging
import os
import re
from typing import Optional, Sequence, Tuple

from ..files import write_whole
from ..keypoints.keypoint_set import KeypointSet
from .page import page
from .pictures import crops
from .study import study

logger = logging.getLogger(__name__)

#: Size of a page without the keys of its pictures, below 15 MB.
MAX_BYTES = 14_900_000


def report_path(results: str) -> str:
    """Path of a results file's page: ``report.html`` beside it.

    The page of ``keypoints_results_mpii_test.json`` is ``report_mpii_test.html``.
    """
    folder, name = os.path.split(results)
    part = re.fullmatch(r"keypoints_results(_.*)\.json", name)
    return os.path.join(folder, f"report{part[1] if part else ''}.html")


def write_report(
    results: str,
    data: Tuple[str, str, KeypointSet],
    pictures: int,
    output: Optional[str] = None,
    against: Optional[str] = None,
    heatmaps_of: Optional[Tuple[str, Sequence[str], int]] = None,
) -> None:
    """Write the page, and log its path.

    Args:
        results: ``keypoints_results.json`` of an evaluation or a prediction.
        data: annotation file, image folder and keypoint set of the same people.
        pictures: number of people, the worst, whose pictures the page holds.
        output: the page; by default, that of :func:`report_path`.
        against: results of another run, to compare with.
        heatmaps_of: the network whose heatmaps the page holds, as its config and
            ``KEY=VALUE`` options, and number of people, the worst.

    Raises:
        UserError: a file is missing or wrong, or the files hold different people.
    """
    output = output or report_path(results)
    one = study(results, *data)
    other = study(against, *data) if against else None
    folder = os.path.basename(os.path.dirname(os.path.abspath(results)))
    title = f"{one.thresholds.title} of {folder}"
    room = MAX_BYTES - len(page(one, title, {}, other).encode())
    heat = {}
    if heatmaps_of:
        from .heatmaps import heatmaps  # needs Paddle

        heat = heatmaps(one, data[1], *heatmaps_of, room // 2)
    room -= sum(len(text) for stacks in heat.values() for text in stacks)
    shown = crops(one, data[1], pictures, room)
    write_whole(output, page(one, title, shown, other, heat).encode())
    logger.info(f"report written to {output}; open it in a browser")
