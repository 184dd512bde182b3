"""Reading MPII-layout annotation files.

Letters: N people, K joints.  All positions are 1-based pixels, as in MPII;
:mod:`ppdet_hourglass.data.crop` turns them into crops.
"""

import os
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence

import numpy as np

from ..errors import UserError
from ..fields import OBJECT, TEXT, WHOLE, Kind, check, list_of, numbers, read_columns
from ..files import read_json

PEOPLE = list_of(OBJECT, "a list of person records, at least one", least=1)


@dataclass(frozen=True)
class Annotations:
    """The people of an annotation file, in its order.

    Attributes:
        path: the file.
        images: N file names.
        centers: (N, 2) person centres, 1-based pixels.
        scales: (N,) person heights / 200 px.
        joints: (N, K, 2) 1-based pixels; None if a record lacks joints.
        visible: (N, K) 1 where annotated, else 0; None if ``joints`` is None.
        head_boxes: (N, 2, 2) top-left and bottom-right corner, 1-based pixels; None if
            a record lacks ``head_box``.
        rectangles: (N,) 1-based indices into the ``annorect`` of MPII's own file; None
            if a record lacks ``rectangle``.
        unannotated: number of records without joints.
    """

    path: str
    images: List[str]
    centers: np.ndarray
    scales: np.ndarray
    joints: Optional[np.ndarray]
    visible: Optional[np.ndarray]
    head_boxes: Optional[np.ndarray]
    rectangles: Optional[np.ndarray] = None
    unannotated: int = 0

    def __len__(self) -> int:
        return len(self.images)


def read_annotations(path: str, num_joints: int, need_joints: bool) -> Annotations:
    """Read and check an annotation file.

    Args:
        path: a JSON list of records with ``image``, ``center``, ``scale`` and,
            for training, ``joints`` (or ``gt_joints``) and ``joints_vis``;
            ``head_box`` [x1, y1, x2, y2] and ``rectangle`` are optional.
        num_joints: K.
        need_joints: whether a record without joints is an error.

    Raises:
        UserError: the file is missing, not JSON or empty, or a record is wrong; the
            message names the record by 0-based index and image.
    """
    records = people_records(read_json(path, "annotation file"), path)

    def where(index: int) -> str:
        return f"{path}: record {index} (image {records[index].get('image', '?')})"

    lacking = [index for index, record in enumerate(records) if "joints" not in record]
    if lacking and need_joints:
        problem = "neither 'joints' nor 'gt_joints', which training needs"
        raise UserError(f"{where(lacking[0])}: {problem}")
    columns = read_columns(records, kinds_of(records, num_joints), where)
    head_boxes = columns.get("head_box")
    return Annotations(
        path,
        columns["image"],
        columns["center"],
        columns["scale"],
        joints=columns.get("joints"),
        visible=None if lacking else (columns["joints_vis"] > 0).astype(np.float64),
        head_boxes=None if head_boxes is None else head_boxes.reshape(-1, 2, 2),
        rectangles=np.array(columns["rectangle"]) if "rectangle" in columns else None,
        unannotated=len(lacking),
    )


def people_records(content: Any, path: str) -> List[Dict[str, Any]]:
    """The records of an annotation file's content, which :func:`kinds_of` describes.

    Raises:
        UserError: the content is not a list of objects; ``path`` is for the message.
    """
    return [_with_joints(record) for record in check(content, PEOPLE, path)]


def _with_joints(record: Dict[str, Any]) -> Dict[str, Any]:
    """The record with ``joints``, which PaddleDetection 2.7 calls ``gt_joints``."""
    if "gt_joints" in record:
        return {"joints": record["gt_joints"], **record}
    return record


def kinds_of(records: List[Dict[str, Any]], num_joints: int) -> Dict[str, Kind]:
    """Kinds of the keys to read: some are read only if every record has them."""
    kinds = {"image": TEXT, "center": numbers(2), "scale": numbers(above=0)}
    if all("joints" in record for record in records):
        kinds["joints"] = numbers(num_joints, 2, note="num_joints x 2")
        kinds["joints_vis"] = numbers(num_joints, note="num_joints")
    for key, kind in (("head_box", numbers(4)), ("rectangle", WHOLE)):
        if all(key in record for record in records):
            kinds[key] = kind
    return kinds


def find_missing_images(names: Sequence[str], folder: str) -> List[int]:
    """Indices of the names without a file in ``folder``."""
    present = set(os.listdir(folder))
    return [
        index
        for index, name in enumerate(names)
        if name not in present and not os.path.isfile(os.path.join(folder, name))
    ]
