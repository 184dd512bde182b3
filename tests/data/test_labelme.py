import json

import numpy as np
import pytest

from ppdet_hourglass.__main__ import main
from ppdet_hourglass.data.images import turn_upright
from ppdet_hourglass.data.labelme import labelme_to_coco, split
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints

from ..conftest import refused
from .turned import write_turned

LSP = read_keypoints("lsp")

#: As the file holds it: 100 x 80 pixels.
IMAGE = np.full((80, 100, 3), 90, np.uint8)


def point(label, x, y, **more):
    return {"label": label, "points": [[x, y]], "shape_type": "point", **more}


@pytest.fixture
def labelled(tmp_path):
    (tmp_path / "images").mkdir()

    def write(*shapes, name="1", tag=1, size=(100, 80)):
        write_turned(tmp_path / f"images/{name}.jpg", tag, IMAGE)
        content = {
            "shapes": list(shapes),
            "imagePath": f"images\\{name}.jpg",
            "imageWidth": size[0],
            "imageHeight": size[1],
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
        return str(tmp_path)

    return write


def test_one_person_by_hand(labelled):
    hidden = point("neck", 30, 60, flags={"occluded": True})
    content = labelme_to_coco(labelled(point("head_top", 20, 10), hidden), LSP)
    (image,) = content["images"]
    assert image == {"id": 1, "file_name": "1.jpg", "width": 100, "height": 80}
    (person,) = content["annotations"]
    assert person["bbox"] == [19, 5, 12, 60]  # a tenth, and a pixel at least, wider
    assert person["area"] == 720 and person["num_keypoints"] == 2
    assert person["keypoints"][-6:] == [
        29.5,
        59.5,
        1,
        19.5,
        9.5,
        2,
    ]  # from a pixel's middle
    assert sum(person["keypoints"][:-6]) == 0
    assert content["categories"][0]["keypoints"] == list(LSP.joints)


def test_groups_and_rectangles(labelled):
    box = {"label": "person", "shape_type": "rectangle", "group_id": 2}
    folder = labelled(
        point("neck", 10, 10, group_id=1),
        point("neck", 50, 50, group_id=2),
        {**box, "points": [[60, 70], [40, 20]]},
        {**box, "points": [[0, 0], [1, 1]], "group_id": 3},  # nobody in it
    )
    people = labelme_to_coco(folder, LSP)["annotations"]
    assert [person["id"] for person in people] == [1, 2]
    assert people[0]["bbox"] == [9, 9, 2, 2]
    assert people[1]["bbox"] == [40, 20, 20, 50]


def test_a_turned_image_by_hand(labelled):
    """Orientation 6: stored as 100 x 80, seen as 80 x 100, a quarter clockwise.

    The stored left upper corner is seen at the right above, so (x, y) as seen is
    (y, 80 - x) as stored.
    """
    box = {"label": "person", "shape_type": "rectangle", "points": [[10, 20], [40, 90]]}
    shapes = (point("neck", 30, 60), point("head_top", 20, 25.5), box)
    content = labelme_to_coco(labelled(*shapes, tag=6, size=(80, 100)), LSP)
    (image,) = content["images"]
    assert (image["width"], image["height"]) == (100, 80)
    (person,) = content["annotations"]
    assert person["keypoints"][-6:] == [59.5, 49.5, 2, 25, 59.5, 2]
    assert person["bbox"] == [20, 40, 70, 30]


def test_turned_labels_meet_what_they_name(labelled, tmp_path):
    """A bright pixel, labelled as a viewer shows it, is found by training's reader."""
    spot = IMAGE.copy()
    spot[8:16, 64:72] = 255
    for tag in range(1, 9):
        seen = turn_upright(spot, tag)
        y, x = np.argwhere(seen[..., 0] == 255).mean(axis=0)
        size = seen.shape[1::-1]
        folder = labelled(point("neck", x + 0.5, y + 0.5), tag=tag, size=size)
        (person,) = labelme_to_coco(folder, LSP)["annotations"]
        assert person["keypoints"][-6:-3] == [67.5, 11.5, 2]


def test_images_that_are_not_what_was_labelled(labelled, tmp_path):
    folder = labelled(point("neck", 1, 1), tag=8)  # as if it had not been turned
    image = f"{tmp_path}/images/1.jpg"
    assert refused(labelme_to_coco, folder, LSP) == (
        f"{tmp_path}/1.json is for 100x80 pixels, but image {image} is 80x100 when its "
        "EXIF orientation turns it upright"
    )
    (tmp_path / "images/1.jpg").unlink()
    assert refused(labelme_to_coco, folder, LSP) == (
        f"{tmp_path}/1.json: image {image} does not exist: its EXIF orientation says "
        "which pixels the points are in"
    )


def test_split(labelled):
    for name in "12345":
        folder = labelled(point("neck", 10, 10), name=name)
    train, val = split(labelme_to_coco(folder, LSP), every=2)
    assert [image["file_name"] for image in val["images"]] == ["2.jpg", "4.jpg"]
    assert [person["image_id"] for person in val["annotations"]] == [2, 4]
    assert [person["image_id"] for person in train["annotations"]] == [1, 3, 5]


@pytest.mark.parametrize(
    "shapes, problem",
    [
        (
            [point("nose", 1, 1)],
            f"shapes[0]: 'label' must be one of {', '.join(LSP.joints)}, but got "
            "'nose'",
        ),
        (
            [{"shape_type": "rectangle", "points": []}],
            "shapes[0]: 'points' must be a list of [x, y], at least one, but got a "
            "list of 0: []",
        ),
        (
            [point("neck", 1, 1)] * 2,
            "two points 'neck' without a group_id: give each person a group_id",
        ),
        (
            [point("neck", 1, 1, group_id=3)] * 2,
            "two points 'neck' in group 3: give each person a group_id",
        ),
    ],
)
def test_wrong_shapes(labelled, tmp_path, shapes, problem):
    message = refused(labelme_to_coco, labelled(*shapes), LSP)
    assert message == f"{tmp_path}/1.json: {problem}"


@pytest.mark.parametrize(
    "text, problem",
    [
        ("{}", ": key 'shapes' is missing"),
        ('{"shapes": 3}', ": 'shapes' must be a list of shapes, but got 3"),
        ("{", " is not valid JSON (cut off?): "),
    ],
)
def test_no_labelme_file(tmp_path, text, problem):
    folder = str(tmp_path)
    assert refused(labelme_to_coco, folder, LSP) == (
        f"{folder} holds no labelme files (*.json)"
    )
    (tmp_path / "1.json").write_text(text)
    message = refused(labelme_to_coco, folder, LSP)
    assert message.startswith(f"labelme file {folder}/1.json{problem}")


@pytest.mark.parametrize("key, value", [("shape_type", []), ("group_id", {})])
def test_a_list_or_object_in_place_of_a_name(labelled, tmp_path, key, value):
    """Found by ``make fuzz``, as is the next one."""
    size = "a list of 0: " if value == [] else ""
    assert refused(labelme_to_coco, labelled({key: value}), LSP) == (
        f"{tmp_path}/1.json: shapes[0]: '{key}' must be a text, a number or null, but "
        f"got {size}{value}"
    )


def test_a_name_longer_than_files_have(labelled, tmp_path):
    folder = labelled()
    content = json.loads((tmp_path / "1.json").read_text())
    content["imagePath"] = "x" * 3000
    (tmp_path / "1.json").write_text(json.dumps(content))
    message = refused(labelme_to_coco, folder, LSP)
    assert message.startswith(f"{tmp_path}/1.json: image {tmp_path}/xxx")
    assert "x does not exist: its EXIF" in message


def test_two_files_of_one_image(labelled, tmp_path):
    folder = labelled(point("neck", 1, 1))
    (tmp_path / "2.json").write_text((tmp_path / "1.json").read_text())
    assert refused(labelme_to_coco, folder, LSP) == (
        f"{tmp_path}/2.json: an earlier file has the same image, 1.jpg"
    )


def test_command_line(labelled, tmp_path, capsys):
    def error(*argv, status=1):
        assert main(["labelme", folder, *argv, "--keypoints", "lsp"]) == status
        return capsys.readouterr().err

    folder, out = labelled(point("neck", 1, 1)), str(tmp_path / "out")
    assert (
        error(out, "--every", "1") == "error: --every must be at least 2, but got 1\n"
    )
    assert "1 images" in error(out) and "every 10th" in error(out)
    labelled(point("neck", 1, 1), name="2")
    error(out, "--every", "2", status=0)
    for name in ("train", "val"):
        content = json.loads((tmp_path / f"out/{name}.json").read_text())
        assert len(content["annotations"]) == len(content["images"]) == 1
    assert error(out, "--every", "2").endswith(
        f"error: {out}/train.json exists: add --force to replace it\n"
    )
    error(out, "--every", "2", "--force", status=0)
    assert f"{folder} holds labelme's files: name another" in error(folder)
