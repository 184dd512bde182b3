"""Checking an annotation file in COCO's keypoint layout before it is trained on.

PaddleDetection reads the first K keypoints of every annotation, whatever they are,
and fails far from the cause where a key is absent.
"""

import json
import os
from typing import Any, Dict, List

from ..errors import UserError
from ..keypoints import KeypointSet
from .annotations import find_missing_images

#: Keys that PaddleDetection reads of each annotation.
NEEDED = ("id", "image_id", "bbox", "area", "iscrowd", "keypoints")


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
    for category in content["categories"]:
        _check_names(path, category, keypoints)
    known = {image.get("id") for image in content["images"]}
    for annotation in content["annotations"]:
        _check_annotation(path, annotation, len(keypoints), known)
    if not os.path.isdir(image_folder):
        raise UserError(f"image folder {image_folder} of {path} does not exist")
    names = [image.get("file_name", "") for image in content["images"]]
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
    return content


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
    if annotation["image_id"] not in images:
        raise UserError(f"{where}: 'images' has no image {annotation['image_id']}")
    if len(annotation["keypoints"]) != 3 * joints:
        raise UserError(
            f"{where}: 'keypoints' must hold 3 x {joints} numbers, but holds "
            f"{len(annotation['keypoints'])}"
        )
