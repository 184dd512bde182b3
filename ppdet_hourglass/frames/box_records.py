"""Reading a JSON file of COCO detection results."""

import json
import math
from typing import Any, Dict, List, Optional

from ..data.crop import CENTER_SHIFT_Y, PIXELS_PER_SCALE
from ..errors import UserError

Record = Dict[str, Any]

#: No picture has pixels beyond this; drawing would overflow.
FARTHEST = 1e6


def read_records(path: str) -> List[Record]:
    """The records; those of a COCO annotation file get their ``file_name``.

    Raises:
        UserError: no such file, or it holds something else.
    """
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except FileNotFoundError:
        raise UserError(f"boxes file {path} does not exist") from None
    except (OSError, ValueError) as error:
        raise UserError(f"boxes file {path} is no valid JSON: {error}") from None
    if isinstance(content, dict):
        content = _of_annotations(path, content)
    if not isinstance(content, list) or not all(isinstance(r, dict) for r in content):
        raise UserError(f"boxes file {path} must hold a list of detections")
    if not content:
        raise UserError(f"boxes file {path} holds no box: the list is empty")
    return content


def _of_annotations(path: str, content: Record) -> List[Record]:
    try:
        names = {image["id"]: image["file_name"] for image in content["images"]}
        return [
            {**record, "file_name": names[record["image_id"]]}
            for record in content["annotations"]
        ]
    except (KeyError, TypeError) as error:
        raise UserError(
            f"boxes file {path} is neither a list of detections nor a COCO annotation "
            f"file: {type(error).__name__}: {error}"
        ) from None


def box_of(record: Record, where: str) -> List[float]:
    """x, y, width, height and score, which is 1 where none is given.

    Args:
        record: with ``bbox``, or with MPII's ``center`` (1-based) and ``scale``; and
            perhaps with ``score``.
        where: file and record, for the message.

    Raises:
        UserError: not four finite numbers with a width and a height, or a score
            that is none.
    """
    box = record.get("bbox", _of_mpii(record))
    # The score of a keypoint result is the pose's, not the box's.
    score = 1.0 if "keypoints" in record else record.get("score", 1.0)
    if not isinstance(box, list) or len(box) != 4 or not all(map(_is_number, box)):
        raise UserError(
            f"{where}: 'bbox' must be x, y, width and height, but got {box!r}"
        )
    if min(box[2:]) <= 0:
        raise UserError(
            f"{where}: 'bbox' must have a width and a height above 0, but got {box}"
        )
    if max(map(abs, box)) > FARTHEST:
        raise UserError(f"{where}: 'bbox' lies in no picture: {box}")
    if not _is_number(score):
        raise UserError(f"{where}: 'score' must be a number, but got {score!r}")
    return [*map(float, box), float(score)]


def _of_mpii(record: Record) -> Optional[List[float]]:
    """The square whose crop is the evaluation's, if this is MPII's annotation."""
    center, scale = record.get("center"), record.get("scale")
    if not isinstance(center, list) or len(center) != 2:
        return None
    if not all(map(_is_number, [*center, scale])):
        return None
    side = PIXELS_PER_SCALE * scale
    x, y = center[0] - 1, center[1] - 1 + CENTER_SHIFT_Y * scale
    return [x - side / 2, y - side / 2, side, side]


def _is_number(value: Any) -> bool:
    known = isinstance(value, (int, float)) and not isinstance(value, bool)
    return known and math.isfinite(value)
