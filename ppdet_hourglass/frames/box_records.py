"""Reading a boxes file: each record holds one person's box and names its image."""

from typing import Any, Dict, List, Tuple

import numpy as np

from ..data.crop import CENTER_SHIFT_Y, PIXELS_PER_SCALE
from ..data.images import STORED, UPRIGHT
from ..errors import UserError
from ..fields import Kind, numbers, read_columns
from ..files import read_json

Record = Dict[str, Any]

#: No picture has pixels beyond this; drawing would overflow.
MAX_PIXEL = 1e6

NUMBER, POINT = numbers(), numbers(2)
KINDS = {
    "bbox": numbers(4, note="x, y, width, height"),
    "score": NUMBER,
    "pixels": Kind(
        f"{STORED!r} or {UPRIGHT!r}", lambda value: value in (None, STORED, UPRIGHT)
    ),
}


def read_boxes(path: str) -> Tuple[List[Record], np.ndarray]:
    """Read and check a boxes file.

    Returns:
        N records, whose ``pixels`` is ``stored``, ``upright`` or None (not given);
        and (N, 5) x, y, width, height in 0-based pixels, and score.

    Raises:
        UserError: the file is missing or holds something else; names the record.
    """
    records = [_completed(record) for record in _read_records(path)]
    columns = read_columns(records, KINDS, lambda index: f"{path}: record {index}")
    boxes = columns["bbox"]
    for wrong, problem in (
        (boxes[:, 2:] <= 0, "must have a width and a height above 0"),
        (abs(boxes) > MAX_PIXEL, f"must lie within {MAX_PIXEL:.0f} pixels"),
    ):
        for index in np.flatnonzero(wrong.any(axis=1)):
            raise UserError(
                f"{path}: record {index}: 'bbox' {problem}, but got "
                f"{records[index]['bbox']}"
            )
    return records, np.column_stack([boxes, columns["score"]])


def _read_records(path: str) -> List[Record]:
    content = read_json(path, "boxes file")
    if isinstance(content, dict):
        content = _from_coco(path, content)
    if not isinstance(content, list) or not all(isinstance(r, dict) for r in content):
        raise UserError(f"boxes file {path} must hold a list of detections")
    if not content:
        raise UserError(f"boxes file {path} holds no box: the list is empty")
    return content


def _from_coco(path: str, content: Record) -> List[Record]:
    """Records of a COCO annotation file, which is in stored pixels."""
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


def _completed(record: Record) -> Record:
    """Add the keys that a record may leave out.

    A record of MPII's annotations, in stored 1-based pixels, gets as ``bbox`` the
    square that the evaluation's crop is made from.
    """
    record = {"score": 1.0, "pixels": None, **record}
    if "keypoints" in record:  # then the score is the pose's, not the box's
        record["score"] = 1.0
    center, scale = record.get("center"), record.get("scale")
    if "bbox" in record or not (POINT.fits(center) and NUMBER.fits(scale)):
        return record
    side = PIXELS_PER_SCALE * scale
    x, y = center[0] - 1, center[1] - 1 + CENTER_SHIFT_Y * scale
    square = [x - side / 2, y - side / 2, side, side]
    return {**record, "bbox": square, "pixels": record["pixels"] or STORED}
