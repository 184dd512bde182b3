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
    records = check(read_json(path, "annotation file"), PEOPLE, path)
    records = [_with_joints(record) for record in records]

    def where(index: int) -> str:
        return f"{path}: record {index} (image {records[index].get('image', '?')})"

    def optional(key: str, wanted: Kind) -> Optional[np.ndarray]:
        if not all(key in record for record in records):
            return None
        return np.asarray(read_columns(records, {key: wanted}, where)[key])

    without_joints = [i for i, record in enumerate(records) if "joints" not in record]
    if without_joints and need_joints:
        first = where(without_joints[0])
        raise UserError(
            f"{first}: neither 'joints' nor 'gt_joints', which training needs"
        )
    kinds = {"image": TEXT, "center": numbers(2), "scale": numbers(above=0)}
    if not without_joints:
        kinds["joints"] = numbers(num_joints, 2, note="num_joints x 2")
        kinds["joints_vis"] = numbers(num_joints, note="num_joints")
    columns = read_columns(records, kinds, where)
    joints, visible = columns.get("joints"), columns.get("joints_vis")
    head_boxes = optional("head_box", numbers(4))
    return Annotations(
        path=path,
        images=columns["image"],
        centers=columns["center"],
        scales=columns["scale"],
        joints=joints,
        visible=None if visible is None else (visible > 0).astype(np.float64),
        head_boxes=None if head_boxes is None else head_boxes.reshape(-1, 2, 2),
        rectangles=optional("rectangle", WHOLE),
        unannotated=len(without_joints),
    )


def _with_joints(record: Dict[str, Any]) -> Dict[str, Any]:
    """The record with ``joints``, which PaddleDetection 2.7 calls ``gt_joints``."""
    if "joints" in record or "gt_joints" not in record:
        return record
    return {**record, "joints": record["gt_joints"]}


def find_missing_images(names: Sequence[str], folder: str) -> List[int]:
    """Indices of the names without a file in ``folder``."""
    present = set(os.listdir(folder))
    return [
        index
        for index, name in enumerate(names)
        if name not in present and not os.path.isfile(os.path.join(folder, name))
    ]
