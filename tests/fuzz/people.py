"""Files about people and pictures, changed and read."""

import json

import numpy as np

from ppdet_hourglass.data.checks.check import check_people, look_at
from ppdet_hourglass.data.images import orientation, read_image
from ppdet_hourglass.data.labelme import labelme_to_coco
from ppdet_hourglass.data.people import read_people
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.metrics.ground_truth import truth_of
from ppdet_hourglass.metrics.results import read_results
from ppdet_hourglass.predict.boxes import BoxesFile
from ppdet_hourglass.predict.sources import Images

from ..conftest import person
from .inputs import PICTURES, write
from .mutations import mutated_bytes, mutated_json

MPII = read_keypoints("mpii")
PEOPLE = [person("1.jpg", rectangle=1), person("2.jpg", rectangle=2)]


def annotations(folder, random):
    path = write(folder / "mpii_val.json", mutated_json(PEOPLE, random))
    truth_of(read_people(path, MPII, random.random() < 0.5), MPII)


def checked_annotations(folder, random):
    """``check-data`` goes on after a wrong record."""
    content = _coco() if random.random() < 0.3 else PEOPLE
    path = write(folder / "a.json", mutated_json(content, random))
    check_people(path, str(folder), MPII).write_clean(str(folder / "clean.json"))


def coco_annotations(folder, random):
    path = write(folder / "a.json", mutated_json(_coco(), random))
    write(folder / "a.png", PICTURES[1])
    read_people(path, MPII).check_images(str(folder))


def _coco():
    shared = {"image_id": 7, "category_id": 1, "area": 9.0, "iscrowd": 0}
    keypoints = [v for k in range(16) for v in (20 + 5 * k, 30 + 3 * k, 2)]
    shared = {**shared, "bbox": [10, 20, 100, 70], "keypoints": keypoints}
    image = {"id": 7, "file_name": "a.png", "width": 120, "height": 100}
    return {
        "images": [image],
        "annotations": [{"id": number, **shared} for number in (1, 2)],
        "categories": [{"id": 1, "name": "person", "keypoints": list(MPII.joints)}],
    }


def boxes(folder, random):
    box = {"file_name": "1.png", "bbox": [1, 2, 3, 4], "score": 0.9, "category_id": 1}
    content = random.choice(
        ([box, {**box, "image_id": 1}], _coco(), [person("1.png"), {**box, "frame": 1}])
    )
    for name in ("1.png", "a.png"):
        write(folder / name, PICTURES[1])
    path = write(folder / "boxes.json", mutated_json(content, random))
    BoxesFile(path, Images(str(folder), ["1.png", "a.png"]), 0.5)


def results(folder, random):
    row = {"image": "1.jpg", "center": [1, 2], "keypoints": [1.0] * 48, "score": 0.5}
    box = {"bbox": [1, 2, 3, 4], "image_id": 1}
    rows = [row, {**row, "image": "2.jpg", **box}]
    path = write(folder / "a.json", json.dumps(PEOPLE).encode())
    people = read_people(path, MPII)
    path = write(folder / "r.json", mutated_json(rows, random))
    read_results(path, people, 16)


def labelme(folder, random):
    shape = {"label": "left_knee", "points": [[3, 4]], "group_id": 1, "flags": {}}
    box = {"label": "person", "shape_type": "rectangle", "points": [[1, 2], [9, 9]]}
    size = {"imageWidth": 30, "imageHeight": 20, "imagePath": "1.png"}
    content = {"shapes": [shape, {**box, "group_id": 1}], **size}
    write(folder / "1.png", PICTURES[1])
    write(folder / "1.json", mutated_json(content, random))
    labelme_to_coco(str(folder), MPII)


def pictures(folder, random):
    path = write(folder / "a.jpg", mutated_bytes(random.choice(PICTURES), random))
    orientation(path)
    found = look_at(path, decode=True)
    image = read_image(path, pixels=random.choice(("stored", "upright")))
    assert found.problem is None and image.dtype == np.uint8 and image.ndim == 3
