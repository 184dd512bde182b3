"""An annotation file's records, read one by one so that one wrong does not hide others.

Letters: N people, K joints.
"""

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Optional

import numpy as np

from ...errors import UserError
from ...fields import Kind, check_object, numbers
from ...files import read_json, write_whole
from ..annotations import PEOPLE, Annotations, kinds_of, people_records
from ..coco_file import ANNOTATION, OBJECTS
from ..crop import PIXELS_PER_SCALE

#: Keys whose numbers must not be ``true`` or ``false``.  JSON's readers take these for
#: 1 and 0; of ``joints_vis`` they are usual.
NUMERIC = ("center", "scale", "joints", "gt_joints", "head_box", "bbox", "keypoints")

Record = Dict[str, Any]


@dataclass(frozen=True)
class PeopleFile:
    """An annotation file in MPII's or COCO's layout.

    Attributes:
        path: the file.
        content: its JSON.
        wrong: what is missing or wrong, by the record's index.
        sound: indices of the N other records.
        people: the people of these; ``joints`` are not None, ``visible`` is 0 and
            ``head_boxes`` NaN for what a record lacks.
    """

    path: str
    content: Any
    wrong: Dict[int, str]
    sound: List[int]
    people: Annotations

    @property
    def records(self) -> List[Record]:
        """The records, as in the file."""
        return self.content["annotations"] if self.is_coco else self.content

    @property
    def is_coco(self) -> bool:
        """Whether the file is in COCO's layout."""
        return isinstance(self.content, dict)

    def image(self, index: int) -> str:
        """The image of a record, ``?`` if the record names none."""
        record = self.records[index]
        return str(record.get("image", record.get("image_id", "?")))

    def write_without(self, indices: List[int], path: str) -> None:
        """Write a copy of the file without some records."""
        dropped = set(indices)
        kept = [r for index, r in enumerate(self.records) if index not in dropped]
        content = {**self.content, "annotations": kept} if self.is_coco else kept
        write_whole(path, json.dumps(content, separators=(",", ":")).encode())


def read_people_file(path: str, num_joints: int, need_joints: bool) -> PeopleFile:
    """Read all records of an annotation file, wrong ones too.

    Args:
        path: the file, in MPII's layout or COCO's, which is an object.
        num_joints: K.
        need_joints: whether a record of MPII's layout without joints is wrong.

    Raises:
        UserError: the file is missing, not JSON, or holds no people.
    """
    content = read_json(path, "annotation file")
    if isinstance(content, dict):
        return _read_coco(path, content, num_joints)
    records = people_records(content, path)
    wrong = {}
    for index, record in enumerate(records):
        problem = _problem(record, kinds_of([record], num_joints))
        if need_joints and "joints" not in record:
            problem = problem or "neither 'joints' nor 'gt_joints' is there"
        if problem:
            wrong[index] = problem
    sound = [index for index in range(len(records)) if index not in wrong]
    people = _people(path, [records[index] for index in sound], num_joints)
    return PeopleFile(path, content, wrong, sound, people)


def _problem(record: Record, kinds: Dict[str, Kind]) -> str:
    """What is missing or wrong in a record, without saying which record it is."""
    for key in NUMERIC:
        if key in record and _has_switch(record[key]):
            return f"'{key}' must hold numbers, but holds true or false"
    try:
        check_object(record, kinds, "")
    except UserError as error:
        return str(error).removeprefix(": ")
    return ""


def _has_switch(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_has_switch, value))
    return isinstance(value, bool)


def _people(path: str, records: List[Record], num_joints: int) -> Annotations:
    unknown = np.full(4, np.nan)
    no_joints = {
        "joints": np.zeros((num_joints, 2)),
        "joints_vis": np.zeros(num_joints),
    }
    rows = [{"head_box": unknown, **no_joints, **record} for record in records]

    def column(key: str, *shape: int) -> np.ndarray:
        values = np.array([row[key] for row in rows], np.float64)
        return values.reshape(len(rows), *shape)

    return Annotations(
        path,
        [row["image"] for row in rows],
        column("center", 2),
        column("scale"),
        joints=column("joints", num_joints, 2),
        visible=(column("joints_vis", num_joints) > 0).astype(np.float64),
        head_boxes=column("head_box", 2, 2),
    )


def _read_coco(path: str, content: Record, num_joints: int) -> PeopleFile:
    check_object(content, {"images": OBJECTS, "annotations": PEOPLE}, path)
    names = {
        str(image.get("id")): image.get("file_name") for image in content["images"]
    }
    kinds = {**ANNOTATION, "keypoints": numbers(3 * num_joints, note="3 x num_joints")}
    wrong, people, sound = {}, [], []
    for index, record in enumerate(content["annotations"]):
        problem = _problem(record, kinds)
        if not problem and not isinstance(names.get(str(record["image_id"])), str):
            problem = f"no image with a file_name has id {record['image_id']}"
        person = None if problem else _from_coco(record, names, num_joints)
        if problem:
            wrong[index] = problem
        elif person is not None:
            sound.append(index)
            people.append(person)
    return PeopleFile(path, content, wrong, sound, _people(path, people, num_joints))


def _from_coco(
    record: Record, names: Dict[str, str], num_joints: int
) -> Optional[Record]:
    """A person in MPII's layout; None for those whom training leaves out."""
    keypoints = np.array(record["keypoints"], np.float64).reshape(num_joints, 3)
    if record["iscrowd"] or keypoints.max() == 0:
        return None
    x, y, width, height = record["bbox"]
    return {
        "image": names[str(record["image_id"])],
        "center": [x + width / 2 + 1, y + height / 2 + 1],
        "scale": max(width, height) / PIXELS_PER_SCALE,
        "joints": keypoints[:, :2] + 1,
        "joints_vis": keypoints[:, 2],
    }
