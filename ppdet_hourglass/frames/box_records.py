"""The records of a boxes file: one person's box each, and what it says."""

import math
from typing import Any, Dict, List, Optional

from ..data.crop import CENTER_SHIFT_Y, PIXELS_PER_SCALE
from ..data.images import STORED, UPRIGHT
from ..errors import UserError
from ..files import read_json

Record = Dict[str, Any]

#: No picture has pixels beyond this; drawing would overflow.
FARTHEST_PIXEL = 1e6


def read_records(path: str) -> List[Record]:
    """The records; annotations get their ``file_name`` and that they are ``stored``.

    Raises:
        UserError: no such file, or it holds something else.
    """
    content = read_json(path, "boxes file")
    if isinstance(content, dict):
        content = _of_annotations(path, content)
    if not isinstance(content, list) or not all(isinstance(r, dict) for r in content):
        raise UserError(f"boxes file {path} must hold a list of detections")
    if not content:
        raise UserError(f"boxes file {path} holds no box: the list is empty")
    return [record if "bbox" in record else _of_mpii(record) for record in content]


def _of_annotations(path: str, content: Record) -> List[Record]:
    try:
        names = {image["id"]: image["file_name"] for image in content["images"]}
        return [
            {"pixels": STORED, **record, "file_name": names[record["image_id"]]}
            for record in content["annotations"]
        ]
    except (KeyError, TypeError) as error:
        raise UserError(
            f"boxes file {path} is neither a list of detections nor a COCO annotation "
            f"file: {type(error).__name__}: {error}"
        ) from None


def _of_mpii(record: Record) -> Record:
    """With the square whose crop is the evaluation's, if this is MPII's annotation."""
    center, scale = record.get("center"), record.get("scale")
    if not _are_numbers(center, 2) or not _are_numbers([scale], 1):
        return record
    side = PIXELS_PER_SCALE * scale
    x, y = center[0] - 1, center[1] - 1 + CENTER_SHIFT_Y * scale
    return {
        "pixels": STORED,
        **record,
        "bbox": [x - side / 2, y - side / 2, side, side],
    }


def box_of(record: Record, where: str) -> List[float]:
    """x, y, width, height and score of a record, 1 where it has no score.

    Raises:
        UserError: not four finite numbers with a width and a height, or a score
            that is no number; begins with ``where``.
    """
    box = record.get("bbox")
    # The score of a keypoint result is the pose's, not the box's.
    score = 1.0 if "keypoints" in record else record.get("score", 1.0)
    if not _are_numbers(box, 4):
        raise UserError(
            f"{where}: 'bbox' must be x, y, width and height, but got {box!r}"
        )
    if min(box[2:]) <= 0:
        raise UserError(
            f"{where}: 'bbox' must have a width and a height above 0, but got {box}"
        )
    if max(map(abs, box)) > FARTHEST_PIXEL:
        raise UserError(f"{where}: 'bbox' lies in no picture: {box}")
    if not _are_numbers([score], 1):
        raise UserError(f"{where}: 'score' must be a number, but got {score!r}")
    return [*map(float, box), float(score)]


def pixels_of(record: Record, where: str) -> Optional[str]:
    """Which pixels a record's box is in; None where it does not say.

    Raises:
        UserError: it says something else; begins with ``where``.
    """
    pixels = record.get("pixels")
    if pixels not in (None, STORED, UPRIGHT):
        raise UserError(
            f"{where}: 'pixels' must be {STORED!r} or {UPRIGHT!r}, but got {pixels!r}"
        )
    return pixels


def number_of(record: Record, key: str, where: str) -> int:
    """A record's whole number from 0 on.

    Raises:
        UserError: it is missing, or something else; begins with ``where``.
    """
    value = record.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UserError(
            f"{where}: needs 'file_name', 'image' or a whole '{key}', but got {value!r}"
        )
    return value


def _are_numbers(values: Any, count: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) == count
        and all(isinstance(v, (int, float)) and type(v) is not bool for v in values)
        and all(map(math.isfinite, values))
    )
