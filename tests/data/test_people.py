"""Both layouts through the one reader, strictly and with problems collected."""

import json

import cv2
import numpy as np
import pytest

from ppdet_hourglass.data.people import find_missing_images, read_people
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints

from ..conftest import person, refused
from .turned import write_turned

MPII, COCO = read_keypoints("mpii"), read_keypoints("coco")


@pytest.fixture
def read(tmp_path):
    path = tmp_path / "people.json"

    def read(content, need_joints=True, problems=None, keypoints=MPII):
        text = content if isinstance(content, (str, bytes)) else json.dumps(content)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_people(str(path), keypoints, need_joints, problems)

    read.path = path
    return read


def collected(read, content, **options):
    """Records with a problem, and the others."""
    problems = []
    people = read(content, problems=problems, **options)
    return {problem.record: problem.detail for problem in problems}, people


# -- MPII's layout


def test_positions_count_from_zero(read):
    people = read([person("a.jpg"), person("b.jpg", joints_vis=[1] * 15 + [0])])
    assert people.images == ["a.jpg", "b.jpg"] and people.layout == "mpii"
    # centre (60, 50) + (0, 15 x 0.4) - 1; side 200 x 0.4, a quarter larger
    assert people.centers.tolist() == [[59, 55]] * 2
    assert people.scales.tolist() == [[0.5, 0.5]] * 2
    assert people.sides == pytest.approx([80, 80])
    assert people.joints.shape == (2, 16, 2)
    assert people.joints[0, 1].tolist() == [24, 32]
    assert people.visible.sum() == 31
    assert people.head_boxes[0].tolist() == [[39, 19], [59, 44]]
    assert people.boxes is None and people.ids is None and people.total == 2


def test_what_some_records_may_lack(read):
    joints = person()["joints"]
    people = read([person(), person(joints=None, gt_joints=joints)])
    assert (people.joints[1] + 1).tolist() == joints and people.unannotated == 0
    people = read([person(), person(joints=None, head_box=None)], need_joints=False)
    assert people.unannotated == 1 and not people.visible[1].any()
    assert np.isnan(people.head_boxes[1]).all()
    people = read([person(joints=None, head_box=None)], need_joints=False)
    assert people.joints is None and people.head_boxes is None
    people = read([person(rectangle=2), person(rectangle=1)])
    assert people.rectangles.tolist() == [2, 1]
    assert read([person(rectangle=2), person()]).rectangles is None


def test_some_of_the_people(read):
    people = read([person(f"{i}.jpg", center=[60 + i, 50]) for i in range(3)])
    some = people.take([2, 0])
    assert some.images == ["2.jpg", "0.jpg"] and some.image_ids == [2, 0]
    assert some.centers[:, 0].tolist() == [61, 59] and some.joints.shape == (2, 16, 2)
    assert some.where(0) == f"{read.path}: record 2 (image 2.jpg)"


def test_real_files(mpii):
    for split, count in (("train", 22246), ("val", 2958)):
        path = str(mpii / f"annotations/mpii_{split}.json")
        problems = []
        people = read_people(path, MPII, problems=problems)
        assert len(people) == count and people.joints.shape == (count, 16, 2)
        assert not problems


WRONG = [
    ({"joints": None}, "gt_joints"),
    ({"joints_vis": None}, "'joints_vis' is missing"),
    ({"image": ""}, "'image'"),
    ({"image": 3}, "'image'"),
    ({"joints": [[1, 1]] * 15}, "'joints' must be 16 x 2 "),
    ({"joints_vis": 1}, "'joints_vis' must be 16 "),
    ({"scale": 0}, "'scale' must be a finite number above 0"),
    ({"scale": True}, "'scale'"),
    ({"scale": 1e-9}, "scale 1e-09"),
    ({"scale": 1e20}, "scale 1e+20"),
    ({"center": [1e30, 5]}, "center [1e+30, 5]"),
    ({"center": [1, "2"]}, "'center'[1]"),
    ({"head_box": [1, 2]}, "'head_box'"),
    ({"head_box": [1, 2, 3, 1e9]}, "beyond 1e+06"),
    ({"rectangle": "b"}, "'rectangle' must be a whole number"),
]


@pytest.mark.parametrize("changes, problem", WRONG)
def test_a_wrong_record_is_named_and_left_out_alike(read, changes, problem):
    """Training and check-data have the same verdict."""
    faulty = person(**{"image": "7.jpg", **changes})
    message = refused(read, [person("a.jpg"), faulty])
    image = changes.get("image", "7.jpg")
    assert message.startswith(f"{read.path}: record 1 (image {image}): ")
    assert problem in message
    wrong, people = collected(read, [person("a.jpg"), faulty])
    assert list(wrong) == [1] and problem in wrong[1]
    assert people.images == ["a.jpg"] and people.records.tolist() == [0]
    wrong, people = collected(read, [faulty])
    assert list(wrong) == [0] and len(people) == 0


def test_flags_may_be_true_or_false(read):
    assert read([person(joints_vis=[True] * 15 + [False])]).visible.sum() == 15


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_encodings_with_a_mark(read, encoding):
    assert len(read(json.dumps([person()]).encode(encoding))) == 1


@pytest.mark.parametrize(
    "content, problem",
    [
        ('["说明"]'.encode("gb18030"), "UTF-8"),
        (b"\xff\xfe[", "UTF-8"),
        (json.dumps([person()])[:-20], "is not valid JSON"),
        ("[1, 2]", "[0] must be an object, but got 1"),
        ("[]", "at least one"),
        ("3", "at least one"),
    ],
)
def test_a_wrong_file_is_named(read, content, problem):
    message = refused(read, content)
    assert str(read.path) in message and problem in message
    assert refused(read, content, problems=[]) == message


def test_no_file():
    message = refused(read_people, "nowhere.json", MPII)
    assert message == "annotation file nowhere.json does not exist"


def test_find_missing_images(tmp_path):
    (tmp_path / "a.jpg").touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b.jpg").touch()
    names = ["a.jpg", "c.jpg", "sub/b.jpg", "d.jpg"]
    assert find_missing_images(names, str(tmp_path)) == [1, 3]


# -- COCO's layout


def coco(*changes, **parts):
    """A file with an annotation for each of the changes, on an image of 200 x 100."""
    keypoints = [v for k in range(17) for v in (20 + 5 * k, 30 + 3 * k, 2)]
    annotation = {"image_id": 7, "category_id": 1, "area": 81.0, "iscrowd": 0}
    annotation.update(bbox=[10, 20, 60, 40], keypoints=keypoints)
    rows = [{"id": i, **annotation, **row} for i, row in enumerate(changes or [{}])]
    return {
        "images": [{"id": 7, "file_name": "1.jpg", "width": 200, "height": 100}],
        "annotations": [{k: v for k, v in row.items() if v is not ...} for row in rows],
        "categories": [{"id": 1, "name": "person", "keypoints": list(COCO.joints)}],
        **parts,
    }


def test_coco_people(read):
    people = read(coco({}, {"bbox": [100, 10, 20, 80], "area": 5}), keypoints=COCO)
    assert people.layout == "coco" and people.image_ids == [7, 7]
    # the stock reader takes a pixel off each box, as HRNet's does
    assert people.boxes.tolist() == [[10, 20, 59, 39], [100, 10, 19, 79]]
    assert people.centers.tolist() == [[39.5, 39.5], [109.5, 49.5]]
    assert people.sides == pytest.approx([59, 79])
    assert people.areas.tolist() == [81, 5] and people.ids.tolist() == [0, 1]
    assert people.joints[0, 1].tolist() == [25, 33]
    assert people.sizes.tolist() == [[200, 100]] * 2
    narrow = people.with_aspect(0.5)
    assert narrow.crop_sides == pytest.approx(1.25 * np.array([118, 79]))


@pytest.mark.parametrize("area", [0, ...])
def test_the_box_has_the_area_that_is_not_given(read, area, caplog):
    caplog.set_level("INFO")
    rows = coco({"area": area, "iscrowd": ...}, {})
    assert read(rows, keypoints=COCO).areas.tolist() == [2400, 81]
    assert "1 people have no area" in caplog.text


def test_annotations_without_keypoints_are_left_out(read):
    rle = {"counts": [1, 2, 3], "size": [100, 200]}
    people = read(
        coco(
            {},
            {"keypoints": ..., "category_id": 2, "bbox": [1]},
            {"keypoints": []},
            {"keypoints": ..., "iscrowd": 1, "segmentation": rle},
            {"keypoints": [0] * 51},
        ),
        keypoints=COCO,
    )
    assert people.records.tolist() == [0] and people.total == 5
    assert sorted(people.left_out.values()) == [1, 1, 2]


@pytest.mark.parametrize(
    "changes, problem",
    [
        ({"keypoints": [0] * 50}, "'keypoints' must be 51 "),
        ({"image_id": 3}, "no image has id 3"),
        ({"id": 0}, "same 'id'"),
        ({"id": "5"}, "'id' must be a whole number"),
        ({"bbox": ...}, "'bbox' is missing"),
        ({"bbox": [True, 2, 30, 40]}, "'bbox'"),
        ({"bbox": [30, 40, 60, 0]}, "'bbox' [30, 40, 60, 0]"),
        ({"bbox": [30, 40, -60, 50]}, "'bbox' [30, 40, -60, 50]"),
        ({"bbox": [300, 40, 60, 50]}, "200 x 100"),
        ({"bbox": [30, 40, 1, 1]}, "bbox [30, 40, 1, 1]"),
        ({"bbox": [0.1, 0.2, 0.5, 0.5]}, "bbox [0.1, 0.2, 0.5, 0.5]"),
        ({"area": "x"}, "'area'"),
    ],
)
def test_a_wrong_annotation_is_named_and_left_out_alike(read, changes, problem):
    content = coco({}, changes)
    message = refused(read, content, keypoints=COCO)
    number = changes.get("id", 1)
    assert message.startswith(f"{read.path}: annotations[1] (id {number!r}): ")
    assert problem in message
    wrong, people = collected(read, content, keypoints=COCO)
    assert list(wrong) == [1] and problem in wrong[1]
    assert people.records.tolist() == [0]


@pytest.mark.parametrize(
    "parts, problem",
    [
        ({"images": ...}, "'images' is missing"),
        ({"annotations": []}, "'annotations'"),
        ({"categories": []}, "'categories'"),
        (
            {"images": [{"id": 7, "file_name": "1.jpg", "width": "9"}]},
            "images[0] (id 7",
        ),
        (
            {"images": [{"id": 7, "file_name": "1", "width": 9, "height": 9}] * 2},
            "images[1] (id 7): an earlier image has the same 'id'",
        ),
        (
            {"categories": [{"name": "person", "keypoints": ["nose", "tail"]}]},
            "category 'person' has the keypoints ['nose', 'tail'], but ",
        ),
        (
            {"categories": [{"name": "x", "keypoints": list(COCO.joints)[::-1]}]},
            "category 'x'",
        ),
    ],
)
def test_a_wrong_coco_file(read, parts, problem):
    content = {k: v for k, v in coco(**parts).items() if v is not ...}
    message = refused(read, content, keypoints=COCO)
    assert str(read.path) in message and problem in message
    assert refused(read, content, keypoints=COCO, problems=[]) == message


def test_nobody_with_joints(read):
    message = refused(read, coco({"keypoints": [0] * 51}), keypoints=COCO)
    assert str(read.path) in message and "no person" in message


@pytest.mark.parametrize("visibility, shift", [(0, 0), (2, 5000)])
def test_nobody_to_learn_from(read, visibility, shift):
    """No joint is annotated, or all lie outside the crops."""
    keypoints = [v for k in range(17) for v in (shift + k, 30 + k, visibility)]
    content = coco({"keypoints": keypoints})
    message = refused(read(content, keypoints=COCO).check_targets)
    assert str(read.path) in message and "nothing to learn" in message
    joints = [[shift + 60, 50]] * 16
    records = [person(joints=joints, joints_vis=[visibility] * 16)]
    assert "nothing to learn" in refused(read(records).check_targets)
    assert collected(read, records)[0] == {}


def test_windows_paths(read):
    image = {"id": 7, "file_name": "a\\1.jpg", "width": 200, "height": 100}
    assert read(coco(images=[image]), keypoints=COCO).images == ["a/1.jpg"]


def test_images_of_another_size_than_stated(read, tmp_path):
    cv2.imwrite(str(tmp_path / "1.jpg"), np.zeros((80, 100, 3), np.uint8))
    people = read(coco(), keypoints=COCO)
    message = refused(people.check_images, str(tmp_path))
    assert "annotations[0] (image 1.jpg)" in message
    assert "200 x 100" in message and "100 x 80" in message
    write_turned(tmp_path / "1.jpg", 6)
    height, width = cv2.imread(
        str(tmp_path / "1.jpg"), cv2.IMREAD_IGNORE_ORIENTATION | cv2.IMREAD_COLOR
    ).shape[:2]
    image = {"id": 7, "file_name": "1.jpg", "width": height, "height": width}
    wide = {"bbox": [2, 2, height - 4, width - 4], "keypoints": [5, 5, 2] * 17}
    people = read(coco(wide, images=[image]), keypoints=COCO)
    assert "EXIF" in refused(people.check_images, str(tmp_path))


def test_missing_images(read, tmp_path):
    people = read(coco(), keypoints=COCO)
    message = refused(people.check_images, str(tmp_path))
    assert "annotations[0] (image 1.jpg)" in message and "1 of 1" in message
    assert "does not exist" in refused(people.check_images, str(tmp_path / "none"))
    cv2.imwrite(str(tmp_path / "1.jpg"), np.zeros((100, 200, 3), np.uint8))
    people.check_images(str(tmp_path))
