"""Reading MPII-layout annotation files.

Letters: N people, K joints.  Everything here is 1-based pixels, as MPII gives
it; :mod:`ppdet_hourglass.data.crop` turns it into crops.
"""

import json
import os
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence

import numpy as np

from ..errors import UserError


@dataclass(frozen=True)
class Annotations:
    """The people of one annotation file, in its order.

    Attributes:
        path: the file.
        images: N file names.
        centers: (N, 2) person centres, 1-based pixels.
        scales: (N,) person heights / 200 px.
        joints: (N, K, 2) 1-based pixels, or None unless every record has joints.
        visible: (N, K) 1 where annotated, or None likewise.
        head_boxes: (N, 2, 2) top-left and bottom-right corner, 1-based pixels,
            or None unless every record has a ``head_box``.
        rectangles: (N,) 1-based places in the ``annorect`` of MPII's own file, or
            None unless every record has a ``rectangle``.
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
            ``head_box`` [x1, y1, x2, y2] is optional.
        num_joints: K.
        need_joints: whether a record without joints is an error.

    Raises:
        UserError: the file is missing, no JSON, empty, or a record is wrong;
            names the record by its 0-based place.
    """
    records = _read_records(path)
    fields = _Fields(path, records)
    joints, visible = fields.joints(num_joints, need_joints)
    return Annotations(
        path=path,
        images=fields.images(),
        centers=fields.numbers("center", (2,)),
        scales=fields.scales(),
        joints=joints,
        visible=visible,
        head_boxes=fields.head_boxes(),
        rectangles=fields.rectangles(),
        unannotated=len(fields.bare()),
    )


def _read_records(path: str) -> List[Dict[str, Any]]:
    try:
        with open(path, encoding="utf-8") as file:
            records = json.load(file)
    except FileNotFoundError:
        raise UserError(f"annotation file {path} does not exist") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no valid JSON (cut off?): {error}") from None
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise UserError(f"{path} must hold a JSON list of person records")
    if not records:
        raise UserError(f"{path} holds no person: the list is empty")
    return [_with_joints(record) for record in records]


def _with_joints(record: Dict[str, Any]) -> Dict[str, Any]:
    """PaddleDetection from 2.7 on names them ``gt_joints`` in its own files."""
    if "joints" in record or "gt_joints" not in record:
        return record
    return {**record, "joints": record["gt_joints"]}


class _Fields:
    """Columns of the records, each checked as a whole array."""

    def __init__(self, path: str, records: Sequence[Dict[str, Any]]) -> None:
        self.path = path
        self.records = records

    def fail(self, index: int, problem: str) -> UserError:
        image = self.records[index].get("image", "?")
        return UserError(f"{self.path}: record {index} (image {image}): {problem}")

    def column(self, key: str) -> List[Any]:
        for index, record in enumerate(self.records):
            if key not in record:
                raise self.fail(index, f"key '{key}' is missing")
        return [record[key] for record in self.records]

    def images(self) -> List[str]:
        names = self.column("image")
        for index, name in enumerate(names):
            if not isinstance(name, str) or not name:
                raise self.fail(index, f"'image' must be a file name, but got {name!r}")
        return names

    def numbers(self, key: str, shape: Sequence[int]) -> np.ndarray:
        """(N, *shape) float64 of a key, all finite."""
        values = self.column(key)
        try:
            array = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError):
            array = np.empty(0)
        if array.shape == (len(values), *shape) and np.isfinite(array).all():
            return array
        for index, value in enumerate(values):
            if not _is_numbers(value, shape):
                wanted = " x ".join(map(str, shape)) or "one"
                raise self.fail(
                    index, f"'{key}' must be {wanted} finite number(s), but got {value}"
                )
        raise AssertionError(f"{key}: no record explains shape {array.shape}")

    def scales(self) -> np.ndarray:
        scales = self.numbers("scale", ())
        wrong = np.flatnonzero(scales <= 0)
        if wrong.size:
            raise self.fail(
                wrong[0], f"'scale' must be positive, but got {scales[wrong[0]]:g}"
            )
        return scales

    def joints(self, num_joints: int, needed: bool) -> Any:
        """(N, K, 2) and (N, K), or None twice where a record has no joints."""
        bare = self.bare()
        if bare and not needed:
            return None, None
        if bare:
            raise self.fail(
                bare[0], "neither 'joints' nor 'gt_joints', which training needs"
            )
        self._check_count("joints", num_joints)
        self._check_count("joints_vis", num_joints)
        joints = self.numbers("joints", (num_joints, 2))
        visible = self.numbers("joints_vis", (num_joints,))
        return joints, (visible > 0).astype(np.float64)

    def bare(self) -> List[int]:
        """Records without joints."""
        return [i for i, record in enumerate(self.records) if "joints" not in record]

    def _check_count(self, key: str, num_joints: int) -> None:
        for index, values in enumerate(self.column(key)):
            if not isinstance(values, list) or len(values) != num_joints:
                count = len(values) if isinstance(values, list) else values
                raise self.fail(
                    index,
                    f"'{key}' must hold num_joints = {num_joints}, but holds {count}",
                )

    def head_boxes(self) -> Optional[np.ndarray]:
        if not all("head_box" in record for record in self.records):
            return None
        return self.numbers("head_box", (4,)).reshape(-1, 2, 2)

    def rectangles(self) -> Optional[np.ndarray]:
        if not all("rectangle" in record for record in self.records):
            return None
        return self.numbers("rectangle", ()).astype(int)


def _is_numbers(value: Any, shape: Sequence[int]) -> bool:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return False
    return array.shape == tuple(shape) and bool(np.isfinite(array).all())


def find_missing_images(names: Sequence[str], folder: str) -> List[int]:
    """Indices of the records whose image is no file in ``folder``."""
    present = set(os.listdir(folder))
    return [
        index
        for index, name in enumerate(names)
        if name not in present and not os.path.isfile(os.path.join(folder, name))
    ]
