"""The path of an evaluation's results, which must not replace another data set's."""

import logging
import os
from itertools import chain, count
from typing import Any, Dict, List, Set, Tuple

from ..errors import UserError
from ..files import read_json
from .results_file import RESULTS_NAME

logger = logging.getLogger(__name__)


def results_path(folder: str, annotations: str, rows: List[Dict[str, Any]]) -> str:
    """Choose the path of a results file: ``keypoints_results.json``, unless taken.

    A file that holds none of these people belongs to another data set and is kept.
    The next choice ends in the annotation file's name, as in
    ``keypoints_results_mpii_test.json``; those after it end in ``_2``, ``_3`` ...
    """
    stem, ending = os.path.splitext(RESULTS_NAME)
    own = f"{stem}_{os.path.splitext(os.path.basename(annotations))[0]}"
    stems = chain([stem, own], (f"{own}_{number}" for number in count(2)))
    paths = (os.path.join(folder, name + ending) for name in stems)
    path = next(path for path in paths if not _holds_others(path, rows))
    if os.path.basename(path) != RESULTS_NAME:
        logger.warning(
            f"{os.path.join(folder, RESULTS_NAME)} holds the results of another data "
            f"set and is kept: the results of {annotations} go to {path}"
        )
    return path


def _holds_others(path: str, rows: List[Dict[str, Any]]) -> bool:
    if not os.path.exists(path):
        return False
    try:
        present = _people(read_json(path, "results file"))
    except (UserError, TypeError, AttributeError):  # cut off, or not a results file
        return False
    return bool(present) and present.isdisjoint(_people(rows))


def _people(rows: List[Dict[str, Any]]) -> Set[Tuple[Any, ...]]:
    """Image name and, if given, crop centre of each person."""
    return {
        (os.path.basename(row.get("image", "")), *row.get("center", ())) for row in rows
    }
