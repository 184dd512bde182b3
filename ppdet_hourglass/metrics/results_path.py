"""Where an evaluation's results go, so that they do not replace another data set's."""

import logging
import os
from itertools import chain, count
from typing import Any, Dict, List, Set, Tuple

from ..errors import UserError
from ..files import read_json
from .results_file import RESULTS_NAME

logger = logging.getLogger(__name__)


def results_path(folder: str, annotations: str, rows: List[Dict[str, Any]]) -> str:
    """Path of a results file: ``keypoints_results.json``, unless that is taken.

    A file is taken if it holds none of these people: then it was made from another
    data set.  The next name ends in that of the annotation file, as in
    ``keypoints_results_mpii_test.json``; the one after that also in a 2, and so on.

    Args:
        folder: folder of the results.
        annotations: annotation file of the people.
        rows: their results, as of :func:`.results_file.result_rows`.
    """
    stem, ending = os.path.splitext(RESULTS_NAME)
    own = f"{stem}_{os.path.splitext(os.path.basename(annotations))[0]}"
    stems = chain([stem, own], (f"{own}_{number}" for number in count(2)))
    paths = (os.path.join(folder, name + ending) for name in stems)
    path = next(path for path in paths if not _holds_others(path, rows))
    if os.path.basename(path) != RESULTS_NAME:
        logger.warning(
            f"{os.path.join(folder, RESULTS_NAME)} holds the results of another data "
            f"set and is kept: those of {annotations} go to {path}"
        )
    return path


def _holds_others(path: str, rows: List[Dict[str, Any]]) -> bool:
    if not os.path.exists(path):
        return False
    try:
        present = _people(read_json(path, "results file"))
    except (UserError, TypeError, AttributeError):  # cut off, or no results at all
        return False
    return bool(present) and present.isdisjoint(_people(rows))


def _people(rows: List[Dict[str, Any]]) -> Set[Tuple[Any, ...]]:
    """Each person's image name and, where it is given, crop centre."""
    return {
        (os.path.basename(row.get("image", "")), *row.get("center", ())) for row in rows
    }
