import json

import pytest

from ppdet_hourglass.data.coco_file import check_coco_file
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints

from ..conftest import refused

COCO = read_keypoints("coco")


@pytest.fixture
def check(tmp_path):
    """Writes a good file, changed by ``change``, and checks it."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images/1.jpg").touch()
    path = tmp_path / "x.json"

    def write_and_check(change=lambda content: None, images="images"):
        content = {
            "images": [{"id": 1, "file_name": "1.jpg", "width": 9, "height": 9}],
            "annotations": [
                {
                    **{"id": 5, "image_id": 1, "category_id": 1, "area": 81},
                    **{"iscrowd": 0, "bbox": [0, 0, 9, 9], "keypoints": [0] * 51},
                }
            ],
            "categories": [{"name": "person", "keypoints": list(COCO.joints)}],
        }
        change(content)
        path.write_text(json.dumps(content))
        check_coco_file(str(path), str(tmp_path / images), COCO)

    return write_and_check


def test_a_good_file(check):
    check()
    check(lambda content: content["categories"][0].pop("keypoints"))


def change(key, **changes):
    """A change of the first object of a list."""
    return lambda content: content[key][0].update(changes)


@pytest.mark.parametrize(
    "change, problem",
    [
        (lambda c: c.pop("images"), ": key 'images' is missing"),
        (
            lambda c: c["annotations"].clear(),
            ": 'annotations' must be a list of objects, at least one, but got a list "
            "of 0: []",
        ),
        (
            lambda c: c["annotations"].append(dict(c["annotations"][0])),
            ": annotations[1] (id 5): an earlier object has the same 'id'",
        ),
        (lambda c: c["annotations"][0].pop("area"), ": annotations[0] (id 5): key 'ar"),
        (
            change("annotations", keypoints=[0] * 50),
            ": annotations[0] (id 5): 'keypoints' must be 51 finite numbers (3 x 17), "
            "but got a list of 50: [0, 0, ",
        ),
        (change("annotations", image_id=3), ": annotations[0]: no image has id 3"),
        (
            change("images", height="9"),
            ": images[0] (id 1): 'height' must be a finite number above 0, but got '9'",
        ),
        (change("images", file_name="2.jpg"), ": images[0]: image 2.jpg is not in "),
        (
            change("categories", keypoints=["nose", "tail"]),
            ": category 'person' has the keypoints ['nose', 'tail'], but ",
        ),
    ],
)
def test_refused(check, tmp_path, change, problem):
    message = refused(check, change).replace("COCO annotation file ", "")
    assert message.startswith(f"{tmp_path}/x.json{problem}")


def test_missing_parts(check, tmp_path):
    assert refused(check, images="pictures") == (
        f"image folder {tmp_path}/pictures of {tmp_path}/x.json does not exist"
    )
    assert refused(check_coco_file, f"{tmp_path}/y.json", "", COCO) == (
        f"annotation file {tmp_path}/y.json does not exist"
    )
