"""Converting labelme's files to one file in COCO's keypoint layout.

A labelme file holds the points of one image, each labelled with a keypoint's name.
Points with the same ``group_id`` belong to one person; all points without one belong to
one person too.  A rectangle in the group is the person's box; without one, the box is
the extent of the points plus a tenth on each side.  A point with the flag ``occluded``
is annotated but hidden.

labelme shows images upright, but COCO-format positions are in stored pixels, which the
readers of training and evaluation use.  For images with an EXIF orientation, positions
are mapped to stored pixels.
"""

import json
import logging
import os
from collections import defaultdict
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import numpy as np

from ..errors import UserError
from ..fields import OBJECT, TEXT, Kind, check_object, list_of, numbers, one_of
from ..files import check_writable, read_json, write_whole
from ..keypoints.keypoint_set import KeypointSet
from .images import TURNS, UPRIGHT, orientation, read_image, stored_points

logger = logging.getLogger(__name__)

#: Margin on each side of a box around points, as a fraction of their extent.
MARGIN = 0.1

#: labelme counts from the upper left edge of the first pixel, COCO from its middle.
EDGE = 0.5

#: COCO's visibility flags.
VISIBLE, OCCLUDED = 2, 1

LABELME = {
    "shapes": list_of(OBJECT, "a list of shapes"),
    "imagePath": TEXT,
    "imageWidth": numbers(above=0),
    "imageHeight": numbers(above=0),
}
SHAPE = dict.fromkeys(
    ("shape_type", "group_id"),
    Kind("a text, a number or null", lambda value: not isinstance(value, (list, dict))),
)
NO_SHAPE = dict.fromkeys(SHAPE)
POSITIONS = {"points": list_of(numbers(2), "a list of [x, y], at least one", least=1)}


def write_labelme(
    folder: str, output: str, keypoints: KeypointSet, every: int, force: bool
) -> None:
    """Convert a folder's files to ``train.json`` and ``val.json`` in ``output``.

    Every ``every``-th image is for validation.

    Raises:
        UserError: a file is wrong, there are too few images, or a file that would be
            written exists and ``force`` is false.
    """
    paths = [os.path.join(output, f"{name}.json") for name in ("train", "val")]
    for path in paths:
        if os.path.exists(path) and not force:
            raise UserError(f"{path} exists: add --force to replace it")
    if os.path.realpath(folder) == os.path.realpath(output):
        raise UserError(f"{output} holds labelme's files: name another folder")
    check_writable(output)
    content = labelme_to_coco(folder, keypoints)
    if len(content["images"]) < every:
        raise UserError(
            f"{folder} has {len(content['images'])} images, which leaves none for "
            f"validation (every {every}th image)"
        )
    for path, part in zip(paths, split(content, every)):
        write_whole(path, json.dumps(part).encode())
        counts = f"{len(part['images'])} images, {len(part['annotations'])} people"
        logger.info(f"{path}: {counts}")


def labelme_to_coco(folder: str, keypoints: KeypointSet) -> Dict[str, Any]:
    """Read a folder of labelme files.

    Args:
        folder: holds one ``*.json`` per image.
        keypoints: the set of joints; labels are their names.

    Returns:
        The content of a COCO keypoint file: images, annotations, categories.

    Raises:
        UserError: the folder has no ``*.json``, a file is not labelme's, its image does
            not exist or has another size, a label is unknown, or a person has two
            points of one name; the message names file and label.
    """
    paths = sorted(Path(folder).glob("*.json"))
    if not paths:
        raise UserError(f"{folder} holds no labelme files (*.json)")
    images: Dict[str, Dict[str, Any]] = {}
    annotations: List[Dict[str, Any]] = []
    for image_id, path in enumerate(paths, start=1):
        name, size, shapes = _read(path, keypoints)
        if name in images:
            raise UserError(f"{path}: an earlier file has the same image, {name}")
        images[name] = {"id": image_id, "file_name": name, **size}
        for person in _people(path, shapes, keypoints):
            ids = {"id": len(annotations) + 1, "image_id": image_id}
            annotations.append({**ids, "category_id": 1, **person, "iscrowd": 0})
    category = {
        "id": 1,
        "name": keypoints.name,
        "keypoints": list(keypoints.joints),
        "skeleton": [[a + 1, b + 1] for a, b in keypoints.skeleton],
    }
    return {
        "images": list(images.values()),
        "annotations": annotations,
        "categories": [category],
    }


def split(content: Dict[str, Any], every: int) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """Split a COCO file's content: every ``every``-th image goes to the second part."""
    held = {image["id"] for image in content["images"][every - 1 :: every]}

    def part(inside: bool) -> Dict[str, Any]:
        return {
            **content,
            "images": [i for i in content["images"] if (i["id"] in held) == inside],
            "annotations": [
                a for a in content["annotations"] if (a["image_id"] in held) == inside
            ],
        }

    return part(False), part(True)


def _read(
    path: Path, keypoints: KeypointSet
) -> Tuple[str, Dict[str, int], List[Dict[str, Any]]]:
    """An image's name, width and height, points and rectangles, in stored pixels."""
    content = read_json(str(path), "labelme file")
    check_object(content, LABELME, f"labelme file {path}")
    kinds = {"rectangle": POSITIONS}
    kinds["point"] = {"label": one_of(keypoints.joints), **POSITIONS}
    for index, shape in enumerate(content["shapes"]):
        where = f"{path}: shapes[{index}]"
        check_object({**NO_SHAPE, **shape}, SHAPE, where)
        check_object(shape, kinds.get(shape.get("shape_type"), {}), where)
    image = path.parent / content["imagePath"].replace("\\", "/")
    if not os.path.isfile(image):
        raise UserError(
            f"{path}: image {image} does not exist: its EXIF orientation says which "
            "pixels the points are in"
        )
    tag = orientation(str(image))
    width, height = content["imageWidth"], content["imageHeight"]
    if tag != 1:
        seen = read_image(str(image), str(path), UPRIGHT).shape[1::-1]
        if (width, height) != seen:
            raise UserError(
                f"{path} is for {width}x{height} pixels, but image {image} is "
                f"{seen[0]}x{seen[1]} when its EXIF orientation turns it upright"
            )
    shapes = []
    for shape in content["shapes"]:
        if shape.get("shape_type") in kinds:
            points = np.array(shape["points"], np.float64)
            points = stored_points(points, np.array([width, height]), tag)
            if shape["shape_type"] == "point":
                points = points - EDGE
            shapes.append({**shape, "points": points})
    if TURNS[tag][0]:
        width, height = height, width
    return image.name, {"width": width, "height": height}, shapes


def _people(
    path: Path, shapes: List[Dict[str, Any]], keypoints: KeypointSet
) -> Iterator[Dict[str, Any]]:
    """Annotations of the groups that have a point, without their ids."""
    groups: Dict[Any, List[Dict[str, Any]]] = defaultdict(list)
    for shape in shapes:
        groups[shape.get("group_id")].append(shape)
    for group, members in groups.items():
        points = [shape for shape in members if shape["shape_type"] == "point"]
        boxes = [shape for shape in members if shape["shape_type"] == "rectangle"]
        if points:
            where = "without a group_id" if group is None else f"in group {group}"
            joints = _joints(path, where, points, keypoints)
            corners = boxes[0]["points"] if boxes else _around(joints) + EDGE
            (x, y), (width, height) = corners.min(axis=0), np.ptp(corners, axis=0)
            yield {
                "keypoints": np.round(joints, 2).ravel().tolist(),
                "num_keypoints": len(points),
                "bbox": [round(float(v), 2) for v in (x, y, width, height)],
                "area": round(float(width * height), 2),
            }


def _joints(
    path: Path, where: str, points: List[Dict[str, Any]], keypoints: KeypointSet
) -> np.ndarray:
    """(K, 3) x, y and COCO's visibility flag; 0 for joints without a point."""
    joints = np.zeros((len(keypoints), 3))
    for point in points:
        label = point["label"]
        joint = keypoints.joints.index(label)
        if joints[joint, 2]:
            raise UserError(
                f"{path}: two points {label!r} {where}: give each person a group_id"
            )
        hidden = (point.get("flags") or {}).get("occluded", False)
        joints[joint] = *point["points"][0], OCCLUDED if hidden else VISIBLE
    return joints


def _around(joints: np.ndarray) -> np.ndarray:
    """Two corners (2, 2) of a box around the annotated joints, with a margin."""
    points = joints[joints[:, 2] > 0, :2]
    margin = np.maximum(MARGIN * np.ptp(points, axis=0), 1.0)
    return np.array([points.min(axis=0) - margin, points.max(axis=0) + margin])
