"""Reading a JSON file of COCO detection results."""

import json
import math
from typing import Any, Dict, List

from ..errors import UserError

Record = Dict[str, Any]


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
        record: with ``bbox`` and perhaps ``score``.
        where: file and record, for the message.

    Raises:
        UserError: not four finite numbers with a width and a height, or a score
            that is none.
    """
    box, score = record.get("bbox"), record.get("score", 1.0)
    if not isinstance(box, list) or len(box) != 4 or not all(map(_is_number, box)):
        raise UserError(
            f"{where}: 'bbox' must be x, y, width and height, but got {box!r}"
        )
    if min(box[2:]) <= 0:
        raise UserError(
            f"{where}: 'bbox' must have a width and a height above 0, but got {box}"
        )
    if not _is_number(score):
        raise UserError(f"{where}: 'score' must be a number, but got {score!r}")
    return [*map(float, box), float(score)]


def _is_number(value: Any) -> bool:
    known = isinstance(value, (int, float)) and not isinstance(value, bool)
    return known and math.isfinite(value)
