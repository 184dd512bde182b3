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

from collections import defaultdict
from pathlib import Path
from typing import Any, Dict, List, Set, Tuple

import numpy as np

from ..errors import UserError
from ..fields import OBJECT, TEXT, check_object, list_of, numbers, one_of
from ..files import read_json
from ..keypoints.keypoint_set import KeypointSet
from .images import TURNS, UPRIGHT, orientation, read_image, stored_points

#: Margin on each side of a box around points, as a fraction of their extent.
MARGIN = 0.1

#: COCO's visibility flags.
VISIBLE, OCCLUDED = 2, 1

LABELME = {
    "shapes": list_of(OBJECT, "a list of shapes"),
    "imagePath": TEXT,
    "imageWidth": numbers(above=0),
    "imageHeight": numbers(above=0),
}
POSITIONS = {"points": list_of(numbers(2), "a list of [x, y], at least one", least=1)}


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
    names: Set[str] = set()
    images: List[Dict[str, Any]] = []
    annotations: List[Dict[str, Any]] = []
    for image_id, path in enumerate(paths, start=1):
        content = _read(path)
        name = Path(content["imagePath"].replace("\\", "/")).name
        if name in names:
            raise UserError(f"{path}: an earlier file has the same image, {name}")
        names.add(name)
        images.append(
            {
                "id": image_id,
                "file_name": name,
                "width": content["imageWidth"],
                "height": content["imageHeight"],
            }
        )
        for person in _people(path, content["shapes"], keypoints):
            ids = {"id": len(annotations) + 1, "image_id": image_id}
            annotations.append({**ids, **person})
    categories = [_category(keypoints)]
    return {"images": images, "annotations": annotations, "categories": categories}


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


def _read(path: Path) -> Dict[str, Any]:
    """Read a labelme file; sizes and positions are mapped to stored pixels."""
    content = read_json(str(path), "labelme file")
    check_object(content, LABELME, f"labelme file {path}")
    image = path.parent / content["imagePath"].replace("\\", "/")
    if not image.is_file():
        raise UserError(
            f"{path}: image {image} does not exist: its EXIF orientation says which "
            "pixels the points are in"
        )
    tag = orientation(str(image))
    if tag == 1:
        return content
    height, width = read_image(str(image), str(path), UPRIGHT).shape[:2]
    size = np.array([content["imageWidth"], content["imageHeight"]])
    if size.tolist() != [width, height]:
        raise UserError(
            f"{path} is for {size[0]}x{size[1]} pixels, but image {image} is "
            f"{width}x{height} when its EXIF orientation turns it upright"
        )
    shapes = []
    for shape in content["shapes"]:
        points = np.reshape(shape.get("points") or [], (-1, 2)).astype(np.float64)
        shapes.append({**shape, "points": stored_points(points, size, tag).tolist()})
    width, height = size[::-1] if TURNS[tag][0] else size
    sizes = {"imageWidth": int(width), "imageHeight": int(height)}
    return {**content, **sizes, "shapes": shapes}


def _people(
    path: Path, shapes: List[Dict[str, Any]], keypoints: KeypointSet
) -> List[Dict[str, Any]]:
    kinds = {"rectangle": POSITIONS}
    kinds["point"] = {"label": one_of(keypoints.joints), **POSITIONS}
    for index, shape in enumerate(shapes):
        where = f"{path}: shapes[{index}]"
        check_object(shape, kinds.get(shape.get("shape_type"), {}), where)
    groups: Dict[Any, List[Dict[str, Any]]] = defaultdict(list)
    for shape in shapes:
        groups[shape.get("group_id")].append(shape)
    return [
        _person(path, group, shapes, keypoints)
        for group, shapes in groups.items()
        if any(shape.get("shape_type") == "point" for shape in shapes)
    ]


def _person(
    path: Path, group: Any, shapes: List[Dict[str, Any]], keypoints: KeypointSet
) -> Dict[str, Any]:
    """Annotation of one group, without ``id`` and ``image_id``."""
    rows = np.zeros((len(keypoints), 3))
    for shape in shapes:
        if shape.get("shape_type") != "point":
            continue
        label = shape["label"]
        joint = keypoints.joints.index(label)
        if rows[joint, 2]:
            where = "without a group_id" if group is None else f"in group {group}"
            raise UserError(
                f"{path}: two points {label!r} {where}: give each person a group_id"
            )
        hidden = (shape.get("flags") or {}).get("occluded", False)
        rows[joint] = *shape["points"][0], OCCLUDED if hidden else VISIBLE
    x1, y1, x2, y2 = _box(shapes, rows[rows[:, 2] > 0, :2])
    return {
        "category_id": 1,
        "keypoints": np.round(rows, 2).ravel().tolist(),
        "num_keypoints": int((rows[:, 2] > 0).sum()),
        "bbox": [round(float(v), 2) for v in (x1, y1, x2 - x1, y2 - y1)],
        "area": round(float((x2 - x1) * (y2 - y1)), 2),
        "iscrowd": 0,
    }


def _box(shapes: List[Dict[str, Any]], points: np.ndarray) -> np.ndarray:
    """x1, y1, x2, y2 (4,) of the group's rectangle, or around its points (M, 2)."""
    for shape in shapes:
        if shape.get("shape_type") == "rectangle":
            corners = np.asarray(shape["points"], dtype=np.float64)
            return np.concatenate([corners.min(axis=0), corners.max(axis=0)])
    low, high = points.min(axis=0), points.max(axis=0)
    margin = np.maximum(MARGIN * (high - low), 1.0)
    return np.concatenate([low - margin, high + margin])


def _category(keypoints: KeypointSet) -> Dict[str, Any]:
    return {
        "id": 1,
        "name": keypoints.name,
        "keypoints": list(keypoints.joints),
        "skeleton": [[a + 1, b + 1] for a, b in keypoints.skeleton],
    }
