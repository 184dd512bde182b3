import json

import pytest

from ppdet_hourglass.data.coco_file import check_coco_file
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints

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


@pytest.mark.parametrize(
    "change, problem",
    [
        (lambda c: c.pop("images"), " is not in COCO's layout: no list 'images'"),
        (lambda c: c["annotations"].clear(), ": the list 'annotations' is empty"),
        (
            lambda c: c["annotations"][0].pop("area"),
            ": annotation 5: key 'area' is missing",
        ),
        (
            lambda c: c["annotations"].append(dict(c["annotations"][0])),
            ": the 'id' of each of 'annotations' must be a whole number of its own, "
            "but 5 is not",
        ),
        (
            lambda c: c["annotations"].append("x"),
            ": the list 'annotations' must hold objects",
        ),
        (
            lambda c: c["annotations"][0].update(bbox=[1, 2, 3]),
            ": annotation 5: 'bbox' must hold 4 numbers, not 3",
        ),
        (
            lambda c: c["annotations"][0].update(keypoints=None),
            ": annotation 5: 'keypoints' must hold 3 x 17 numbers, not None",
        ),
        (
            lambda c: c["annotations"][0].update(image_id=[1]),
            ": annotation 5: 'image_id' must be a whole number",
        ),
        (lambda c: c["images"][0].pop("width"), ": image 1: key 'width' is missing"),
        (
            lambda c: c["annotations"][0].update(image_id=3),
            ": annotation 5: 'images' has no image 3",
        ),
        (
            lambda c: c["annotations"][0]["keypoints"].pop(),
            ": annotation 5: 'keypoints' must hold 3 x 17 numbers, not 50",
        ),
        (
            lambda c: c["categories"][0]["keypoints"].reverse(),
            ": category 'person' has the keypoints right_ankle, left_ankle, ",
        ),
        (
            lambda c: c["images"][0].update(file_name="2.jpg"),
            ": image 2.jpg is not in ",
        ),
    ],
)
def test_refused(check, tmp_path, change, problem):
    with pytest.raises(UserError) as error:
        check(change)
    assert str(error.value).startswith(f"{tmp_path}/x.json{problem}")


def test_missing_parts(check, tmp_path):
    with pytest.raises(UserError, match="image folder .*/pictures of .* does not"):
        check(images="pictures")
    with pytest.raises(UserError) as error:
        check_coco_file(str(tmp_path / "y.json"), "", COCO)
    assert str(error.value) == f"annotation file {tmp_path}/y.json does not exist"
    (tmp_path / "y.json").write_text('{"images": [')
    with pytest.raises(UserError, match="y.json is no valid JSON"):
        check_coco_file(str(tmp_path / "y.json"), "", COCO)
