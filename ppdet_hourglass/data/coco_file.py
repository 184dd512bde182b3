"""Checking an annotation file in COCO's keypoint layout before it is trained on.

PaddleDetection reads the first K keypoints of every annotation, whatever they are,
and fails far from the cause where a key is absent.
"""

import json
import os
from typing import Any, Dict, List

from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from .annotations import find_missing_images

#: Keys that PaddleDetection reads of each annotation.
NEEDED = ("id", "image_id", "category_id", "bbox", "area", "iscrowd", "keypoints")


def check_coco_file(path: str, image_folder: str, keypoints: KeypointSet) -> None:
    """Refuse a file that does not fit the keypoints, or whose images are missing.

    Args:
        path: annotation file.
        image_folder: where its ``file_name`` are.
        keypoints: the set that its annotations must have.

    Raises:
        UserError: names file, and annotation or category.
    """
    content = _read(path)
    for name in ("images", "annotations"):
        _check_ids(path, name, content[name])
    for category in content["categories"]:
        _check_names(path, category, keypoints)
    known = {image["id"] for image in content["images"]}
    for annotation in content["annotations"]:
        _check_annotation(path, annotation, len(keypoints), known)
    if not os.path.isdir(image_folder):
        raise UserError(f"image folder {image_folder} of {path} does not exist")
    for image in content["images"]:
        for key in ("file_name", "width", "height"):
            if key not in image:
                raise UserError(f"{path}: image {image['id']}: key '{key}' is missing")
    names = [image["file_name"] for image in content["images"]]
    missing = find_missing_images(names, image_folder)
    if missing:
        raise UserError(
            f"{path}: image {names[missing[0]]} is not in {image_folder} "
            f"({len(missing)} of {len(names)} images are missing)"
        )


def _read(path: str) -> Dict[str, List[Dict[str, Any]]]:
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except FileNotFoundError:
        raise UserError(f"annotation file {path} does not exist") from None
    except ValueError as error:
        raise UserError(f"{path} is no valid JSON (cut off?): {error}") from None
    for key in ("images", "annotations", "categories"):
        if not isinstance(content, dict) or not isinstance(content.get(key), list):
            raise UserError(f"{path} is not in COCO's layout: no list '{key}'")
        if not content[key]:
            raise UserError(f"{path}: the list '{key}' is empty")
        if not all(isinstance(row, dict) for row in content[key]):
            raise UserError(f"{path}: the list '{key}' must hold objects")
    return content


def _check_ids(path: str, name: str, rows: List[Dict[str, Any]]) -> None:
    """Different whole numbers: of two alike, the last one's contents would count."""
    seen = set()
    for row in rows:
        number = row.get("id")
        if not isinstance(number, int) or number in seen:
            raise UserError(
                f"{path}: the 'id' of each of '{name}' must be a whole number of its "
                f"own, but {number!r} is not"
            )
        seen.add(number)


def _check_names(path: str, category: Dict[str, Any], keypoints: KeypointSet) -> None:
    names = category.get("keypoints")
    if names is not None and list(names) != list(keypoints.joints):
        raise UserError(
            f"{path}: category {category.get('name')!r} has the keypoints "
            f"{', '.join(map(str, names))}, but {keypoints.source} lists "
            f"{', '.join(keypoints.joints)}"
        )


def _check_annotation(
    path: str, annotation: Dict[str, Any], joints: int, images: Any
) -> None:
    where = f"{path}: annotation {annotation.get('id')}"
    for key in NEEDED:
        if key not in annotation:
            raise UserError(f"{where}: key '{key}' is missing")
    if not isinstance(annotation["image_id"], int):
        raise UserError(f"{where}: 'image_id' must be a whole number")
    if annotation["image_id"] not in images:
        raise UserError(f"{where}: 'images' has no image {annotation['image_id']}")
    for key, count in (("keypoints", 3 * joints), ("bbox", 4)):
        values = annotation[key]
        if not isinstance(values, list) or len(values) != count:
            found = len(values) if isinstance(values, list) else repr(values)
            shown = f"3 x {joints}" if key == "keypoints" else count
            raise UserError(f"{where}: '{key}' must hold {shown} numbers, not {found}")
        if not all(isinstance(value, (int, float)) for value in values):
            raise UserError(f"{where}: '{key}' must hold numbers, but got {values}")
