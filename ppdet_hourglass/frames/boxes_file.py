"""People's boxes from a file.

Letters: M people of a frame.
"""

import logging
import os
from collections import defaultdict
from typing import Dict, List, Optional, Set

import numpy as np

from ..data.images import STORED, UPRIGHT, orientation
from ..errors import UserError
from ..keypoints.pose import PERSON_CATEGORY
from .box_records import Record, read_boxes
from .sources import Frame, Images, Source, Video, counted

logger = logging.getLogger(__name__)

#: Keys that name a record's frame.
NAME_KEYS = ("file_name", "image", "frame", "image_id")


class BoxesFile:
    """The boxes of each frame of a source: called with a frame, it returns them.

    It also tells the source which images to read as they are stored.

    Args:
        path: a JSON list of COCO detection results, a COCO annotation file or MPII's;
            docs/predict.md lists the keys.
        source: the frames.
        threshold: boxes with a lower score are left out, and so are boxes of another
            category than people.

    Raises:
        UserError: the file is missing or wrong, no box is left, or the boxes of an
            image that its EXIF orientation turns do not agree on their ``pixels``.
    """

    def __init__(self, path: str, source: Source, threshold: float) -> None:
        self._boxes: Dict[int, List[np.ndarray]] = defaultdict(list)
        pixels: Dict[int, Set[Optional[str]]] = defaultdict(set)
        records, boxes = read_boxes(path)
        unmatched, left_out = [], 0
        for index, (record, box) in enumerate(zip(records, boxes)):
            number = _frame_of(record, source, f"{path}: record {index}")
            if number is None:
                unmatched.append(index)
            elif (
                box[4] < threshold
                or record.get("category_id", PERSON_CATEGORY) != PERSON_CATEGORY
            ):
                left_out += 1
            else:
                self._boxes[number].append(box)
                pixels[number].add(record["pixels"])
        _report_unmatched(path, records, unmatched)
        problem = (
            f"{path}: {left_out} of {len(records)} boxes are not people (category_id "
            f"{PERSON_CATEGORY}) or have a score below {threshold:g} (--box_threshold)"
        )
        if not self._boxes:
            raise UserError(problem)
        if left_out:
            logger.info(f"{problem}: left out")
        if isinstance(source, Images):
            source.stored |= {
                n for n in pixels if _is_stored(path, source.path(n), pixels[n])
            }
        people = counted(sum(map(len, self._boxes.values())), "person", "people")
        logger.info(f"{path}: {people} in {counted(len(self._boxes), 'image')}")

    def __call__(self, frame: Frame) -> np.ndarray:
        """(M, 5) x, y, width, height, score; M is 0 for a frame without a record."""
        return np.reshape(self._boxes.get(frame.number, []), (-1, 5))


def _frame_of(record: Record, source: Source, where: str) -> Optional[int]:
    """Number of a record's frame; None if the source does not have it."""
    name = record.get("file_name", record.get("image"))
    if isinstance(source, Video):
        if name is not None and os.path.basename(str(name)) != source.name:
            return None
        number = _number(record, "frame" if "frame" in record else "image_id", where)
        return number if source.length is None or number < source.length else None
    if name is not None:
        numbers = source.find(str(name))
        if len(numbers) > 1:
            raise UserError(
                f"{where}: image {name} is in several folders of the input: give its "
                "path below the input"
            )
        return numbers[0] if numbers else None
    number = _number(record, "image_id", where)
    if not source.numbered:
        raise UserError(
            f"{where}: 'image_id' alone does not identify an image, because the "
            "input's names are not all different numbers: add 'file_name'"
        )
    return number if number in source.names else None


def _number(record: Record, key: str, where: str) -> int:
    value = record.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UserError(
            f"{where}: needs 'file_name', 'image' or a whole number as '{key}', but "
            f"got {value!r}"
        )
    return value


def _is_stored(path: str, image: str, pixels: Set[Optional[str]]) -> bool:
    """Whether an image's boxes are in stored pixels."""
    if len(pixels) > 1 or None in pixels:
        tag = orientation(image)
        if tag != 1:
            raise UserError(
                f"{path}: image {image} is turned by its EXIF orientation {tag}: each "
                f"of its boxes must have the same 'pixels', {STORED!r} or {UPRIGHT!r}"
            )
    return pixels == {STORED}


def _report_unmatched(path: str, records: List[Record], unmatched: List[int]) -> None:
    if not unmatched:
        return
    first = records[unmatched[0]]
    key = next(key for key in NAME_KEYS if first.get(key) is not None)
    problem = (
        f"{path}: {len(unmatched)} of {len(records)} boxes are of images that are not "
        f"in the input, first record {unmatched[0]}, {key} {first[key]!r}"
    )
    if len(unmatched) == len(records):
        raise UserError(problem)
    logger.warning(f"{problem}: left out")
