"""People's boxes from a file.

Letters: M people of a frame.
"""

import logging
from typing import Dict, List, Sequence

import numpy as np

from ..errors import UserError
from ..metrics.results_file import PERSON_CATEGORY
from .box_records import Record, box_of, read_records
from .frame_finder import FrameFinder, ImageFinder
from .sources import Frame, Images, Source

logger = logging.getLogger(__name__)


class BoxesFile:
    """The boxes of each frame of a source: called with a frame, it returns them.

    Args:
        path: a JSON list of COCO detection results: ``bbox`` [x, y, width, height] in
            0-based pixels; the image as ``file_name`` or ``image``, a path below the
            input or a name, or as ``image_id``, the number that is its name; perhaps
            ``score`` and ``category_id``.  Of a video, ``frame`` or ``image_id`` is
            the frame's place from 0.  A COCO annotation file will do as well,
            and so will MPII's.
        source: the frames.
        threshold: boxes with a lower score are left out, and so is everything but
            people.

    Raises:
        UserError: no such file, a record that is wrong, none that is of a frame of
            the source, or none that is left.
    """

    def __init__(self, path: str, source: Source, threshold: float) -> None:
        self._boxes: Dict[int, List[List[float]]] = {}
        records = read_records(path)
        find = (
            ImageFinder(source) if isinstance(source, Images) else FrameFinder(source)
        )
        strangers = []
        left_out = 0
        for place, record in enumerate(records):
            where = f"{path}: record {place}"
            box = box_of(record, where)
            number = find(record, where)
            if number is None:
                strangers.append(place)
            elif _is_person(record) and box[4] >= threshold:
                self._boxes.setdefault(number, []).append(box)
            else:
                left_out += 1
        _report_strangers(path, records, strangers)
        count = sum(map(len, self._boxes.values()))
        problem = (
            f"{path}: {left_out} of {len(records)} boxes are no people (category_id "
            f"{PERSON_CATEGORY}) or have a score below {threshold:g} (--box_threshold)"
        )
        if not count:
            raise UserError(problem)
        if left_out:
            logger.info(f"{problem}: left out")
        logger.info(f"{path}: {count} people in {len(self._boxes)} images")

    def __call__(self, frame: Frame) -> np.ndarray:
        """(M, 5) x, y, width, height, score; none for a frame without a record."""
        return np.reshape(self._boxes.get(frame.number, []), (-1, 5))


def _is_person(record: Record) -> bool:
    return record.get("category_id", PERSON_CATEGORY) == PERSON_CATEGORY


def _report_strangers(
    path: str, records: Sequence[Record], strangers: Sequence[int]
) -> None:
    if not strangers:
        return
    first = records[strangers[0]]
    keys = ("file_name", "image", "frame", "image_id")
    key = next(key for key in keys if first.get(key) is not None)
    problem = (
        f"{path}: {len(strangers)} of {len(records)} boxes are of images that are not "
        f"in the input, first record {strangers[0]}, {key} {first[key]!r}"
    )
    if len(strangers) == len(records):
        raise UserError(problem)
    logger.warning(f"{problem}: left out")
