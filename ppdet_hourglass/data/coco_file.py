"""Checking an annotation file in COCO's keypoint layout before training.

PaddleDetection takes the first K keypoints of every annotation without checking which
joints they are, and fails with an unrelated error if a key is missing.
"""

import os
from typing import Any, Dict

from ..errors import UserError
from ..fields import (
    OBJECT,
    TEXT,
    WHOLE,
    Kind,
    check_object,
    list_of,
    numbers,
    read_columns,
)
from ..files import read_json
from ..keypoints.keypoint_set import KeypointSet
from .annotations import find_missing_images

OBJECTS = list_of(OBJECT, "a list of objects, at least one", least=1)
SIZE = numbers(above=0)
IMAGE = {"id": WHOLE, "file_name": TEXT, "width": SIZE, "height": SIZE}

#: What PaddleDetection reads of each annotation beside its ``keypoints``.
ANNOTATION = {
    **dict.fromkeys(("id", "image_id", "category_id"), WHOLE),
    **{"bbox": numbers(4), "area": numbers(), "iscrowd": numbers()},
}


def check_coco_file(path: str, image_folder: str, keypoints: KeypointSet) -> None:
    """Refuse an annotation file with other keypoints, or whose images are missing.

    Raises:
        UserError: the message names the file, and the image or annotation by 0-based
            index and id, or the category by name.
    """
    content = read_json(path, "annotation file")
    lists = dict.fromkeys(("images", "annotations", "categories"), OBJECTS)
    check_object(content, lists, f"COCO annotation file {path}")
    joints = list(keypoints.joints)
    values = numbers(3 * len(joints), note=f"3 x {len(joints)}")
    images = _read(path, "images", content, IMAGE)
    people = _read(path, "annotations", content, {**ANNOTATION, "keypoints": values})
    known = set(images["id"])
    for index, image_id in enumerate(people["image_id"]):
        if image_id not in known:
            raise UserError(f"{path}: annotations[{index}]: no image has id {image_id}")
    for category in content["categories"]:
        names = category.get("keypoints")
        if names not in (None, joints):
            raise UserError(
                f"{path}: category {category.get('name')!r} has the keypoints {names}, "
                f"but {keypoints.source} lists {joints}"
            )
    if not os.path.isdir(image_folder):
        raise UserError(f"image folder {image_folder} of {path} does not exist")
    files = images["file_name"]
    missing = find_missing_images(files, image_folder)
    if missing:
        raise UserError(
            f"{path}: images[{missing[0]}]: image {files[missing[0]]} is not in "
            f"{image_folder} ({len(missing)} of {len(files)} images are missing)"
        )


def _read(
    path: str, name: str, content: Dict[str, Any], kinds: Dict[str, Kind]
) -> Dict[str, Any]:
    """Columns of the list ``name``, whose objects must have different ids."""
    rows = content[name]

    def where(index: int) -> str:
        return f"{path}: {name}[{index}] (id {rows[index].get('id')!r})"

    columns = read_columns(rows, kinds, where)
    seen = set()
    for index, number in enumerate(columns["id"]):
        if number in seen:  # PaddleDetection would use the last object for both
            raise UserError(f"{where(index)}: an earlier object has the same 'id'")
        seen.add(number)
    return columns
