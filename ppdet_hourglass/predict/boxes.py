"""Boxes of each frame's people: from a file, a detector, or the whole frame.

A boxes file is a list of COCO detection results, or annotations of COCO's or MPII's
layout.

Letters: N records of the file, M people of a frame.
"""

import logging
import os
from collections import defaultdict
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

import numpy as np

from ..data.crop import boxes_of_crops, crops_of_people
from ..data.images import MAX_PIXEL, STORED, UPRIGHT, orientation
from ..errors import UserError, one_line
from ..fields import OBJECT, WHOLE, Kind, check, list_of, numbers, read_columns
from ..files import read_json
from ..keypoints.keypoint_set import KeypointSet
from ..keypoints.pose import PERSON_CATEGORY
from .detector import PERSON_LABELS, is_of_people
from .estimator import PoseEstimator
from .sources import Frame, Images, Source, Video, count_of

logger = logging.getLogger(__name__)

#: Returns (M, 5) x, y, width, height, score of a frame's people, or None for one
#: person who fills the frame.
FindBoxes = Callable[[Frame], Optional[np.ndarray]]

Record = Dict[str, Any]

#: Keys that name a record's frame.
NAME_KEYS = ("file_name", "image", "frame", "image_id")

NUMBER, POINT = numbers(), numbers(2)
KINDS = {
    "bbox": numbers(4, note="x, y, width, height"),
    "score": NUMBER,
    "pixels": Kind(
        f"{STORED!r} or {UPRIGHT!r}", lambda value: value in (None, STORED, UPRIGHT)
    ),
}


def find_people(
    source: Source,
    estimator: PoseEstimator,
    boxes: Optional[str] = None,
    threshold: float = 0.5,
    category: Optional[str] = None,
) -> FindBoxes:
    """Choose how to find the people in a source's frames.

    Args:
        source: the frames.
        estimator: its detector finds them; without one, each frame is one person.
        boxes: instead of that, a boxes file; see :class:`BoxesFile`.
        threshold: boxes of the file with a lower score are left out.
        category: name or number of the objects to take from the file; by default those
            that have the estimator's keypoints.
    """
    if boxes:
        keypoints = estimator.spec.keypoints
        return BoxesFile(boxes, source, threshold, keypoints, category)
    return lambda frame: estimator.detector and estimator.detector(frame.image)


class BoxesFile:
    """Returns the boxes of each frame of a source.

    It also tells the source which images to read as stored.

    Args:
        path: a JSON list of COCO detection results, a COCO annotation file or MPII's;
            docs/predict.md lists the keys.
        source, threshold, keypoints, category: see :func:`find_people`.

    Raises:
        UserError: the file is missing or wrong, no box is left, a box lies outside its
            image, or the boxes of an image rotated by EXIF disagree on their
            ``pixels``.
    """

    def __init__(
        self,
        path: str,
        source: Source,
        threshold: float,
        keypoints: Optional[KeypointSet] = None,
        category: Optional[str] = None,
    ) -> None:
        records, boxes, categories = _read(path)
        wanted = _category(path, records, categories, keypoints, category)
        kept: Dict[int, List[int]] = defaultdict(list)
        unknown: List[int] = []
        for index, record in enumerate(records):
            number = _frame_of(record, source, f"{path}: record {index}")
            if number is None:
                unknown.append(index)
            elif record.get("category_id", wanted) == wanted:
                if boxes[index, 4] >= threshold:
                    kept[number].append(index)
        people = sum(map(len, kept.values()))
        problems = []
        if unknown:
            first = records[unknown[0]]
            key = next(key for key in NAME_KEYS if first.get(key) is not None)
            problems.append(
                f"{path}: {len(unknown)} of {len(records)} boxes are of images that "
                f"are not in the input, first record {unknown[0]}, {key} {first[key]!r}"
            )
        left_out = len(records) - len(unknown) - people
        if left_out:
            problems.append(
                f"{path}: {left_out} of {len(records)} boxes are not of category "
                f"{wanted} or have a score below the threshold {threshold:g}"
            )
        if not kept:
            raise UserError("; ".join(problems))
        for problem in problems:
            logger.warning(f"{problem}: left out")
        for number, indices in kept.items():
            if isinstance(source, Images):
                pixels = {records[index]["pixels"] for index in indices}
                _settle_pixels(path, source, number, pixels)
            width, height = source.size(number) or (np.inf, np.inf)
            for index in indices:
                x, y, w, h = boxes[index, :4].tolist()
                if x + w <= 0 or y + h <= 0 or x >= width or y >= height:
                    outside = f"outside its image of {width} x {height} pixels"
                    box = f"record {index}: the box {[x, y, w, h]}"
                    raise UserError(f"{path}: {box} lies {outside}")
        self._boxes = {number: boxes[indices] for number, indices in kept.items()}
        found = count_of(people, "person", "people")
        logger.info(f"{path}: {found} in {count_of(len(kept), 'image')}")

    def __call__(self, frame: Frame) -> np.ndarray:
        """(M, 5) x, y, width, height, score; M is 0 for a frame without a record."""
        return self._boxes.get(frame.number, np.empty((0, 5)))


def _read(path: str) -> Tuple[List[Record], np.ndarray, List[Record]]:
    """N records; (N, 5) x, y, width, height in 0-based pixels, score; categories.

    A record of MPII's annotations, in stored 1-based pixels, has as ``bbox`` the
    square from which evaluation makes its crop.
    """
    content, categories = read_json(path, "boxes file"), []
    if isinstance(content, dict):  # a COCO annotation file, which is in stored pixels
        try:
            names = {image["id"]: image["file_name"] for image in content["images"]}
            categories = [
                {"id": row["id"], **row} for row in content.get("categories") or ()
            ]
            content = [
                {"pixels": STORED, **record, "file_name": names[record["image_id"]]}
                for record in content["annotations"]
            ]
        except (KeyError, TypeError) as error:
            problem = f"neither detections nor COCO's layout ({one_line(error)})"
            raise UserError(f"boxes file {path} is {problem}") from None
    check(content, list_of(OBJECT, "a list of detections, at least one", 1), path)
    records = []
    for row in content:
        record = {"score": 1.0, "pixels": None, **row}
        if "keypoints" in record:  # then the score is the pose's, not the box's
            record["score"] = 1.0
        center, scale = record.get("center"), record.get("scale")
        if "bbox" not in record and POINT.fits(center) and NUMBER.fits(scale):
            crop = crops_of_people(np.array(center, np.float64), np.float64(scale))
            record["bbox"] = boxes_of_crops(*crop).tolist()
            record["pixels"] = record["pixels"] or STORED
        records.append(record)
    columns = read_columns(records, KINDS, lambda index: f"{path}: record {index}")
    boxes = columns["bbox"]
    for wrong, problem in (
        (boxes[:, 2:] <= 0, "must have a width and a height above 0"),
        (abs(boxes) > MAX_PIXEL, f"must lie within {MAX_PIXEL:.0f} pixels"),
    ):
        for index in np.flatnonzero(wrong.any(axis=1)):
            box = records[index]["bbox"]
            raise UserError(f"{path}: record {index}: 'bbox' {problem}, but got {box}")
    return records, np.column_stack([boxes, columns["score"]]), categories


def _category(
    path: str,
    records: List[Record],
    categories: List[Record],
    keypoints: Optional[KeypointSet],
    asked: Optional[str],
) -> Any:
    """The ``category_id`` of the boxes to use.

    Without ``asked``, it is the category that has these keypoints or their name; people
    if the joints are people's; otherwise the only category.
    """
    names = {row["id"]: str(row.get("name")) for row in categories}
    present = {record["category_id"] for record in records if "category_id" in record}
    if asked is not None:
        found = [number for number, name in names.items() if name == asked]
        return (found or [int(asked) if asked.isdecimal() else asked])[0]
    of_people = is_of_people(keypoints)
    meant = PERSON_LABELS if of_people else (keypoints.name.lower(),)
    for row in categories:
        same_joints = keypoints and row.get("keypoints") == list(keypoints.joints)
        if same_joints or names[row["id"]].lower() in meant:
            return row["id"]
    if of_people:
        return PERSON_CATEGORY
    if len(present) > 1:
        listed = ", ".join(str(names.get(i, i)) for i in sorted(present, key=str))
        raise UserError(
            f"{path} has boxes of several categories ({listed}): name the category"
        )
    return next(iter(present), PERSON_CATEGORY)


def _frame_of(record: Record, source: Source, where: str) -> Optional[int]:
    """Number of a record's frame; None if the source does not have it."""
    name = record.get("file_name", record.get("image"))
    if name is not None and isinstance(source, Images):
        found = source.find(str(name))
        if len(found) > 1:
            problem = f"image {name} is in several folders of the input"
            raise UserError(f"{where}: {problem}: give its path below the input")
        return found[0] if found else None
    if name is not None and os.path.basename(str(name)) != source.name:
        return None
    key = "frame" if isinstance(source, Video) and "frame" in record else "image_id"
    number = record.get(key)
    if not WHOLE.fits(number) or number < 0:
        needed = f"'file_name', 'image' or a whole number as '{key}'"
        raise UserError(f"{where}: needs {needed}, but got {number!r}")
    if isinstance(source, Video):
        return number if source.length is None or number < source.length else None
    if not source.numbered:
        problem = "the names in the input are not all different numbers"
        raise UserError(f"{where}: needs 'file_name', as {problem}")
    return number if number in source.names else None


def _settle_pixels(
    path: str, source: Images, number: int, pixels: Set[Optional[str]]
) -> None:
    """Tell the source which pixels an image's boxes are in; refuse unclear ones."""
    if len(pixels) > 1 or None in pixels:
        image = source.path(number)
        tag = orientation(image)
        if tag != 1:
            needed = f"give all its boxes the same 'pixels', {STORED!r} or {UPRIGHT!r}"
            raise UserError(f"{path}: {image} has EXIF orientation {tag}: {needed}")
    if pixels == {STORED}:
        source.stored.add(number)
