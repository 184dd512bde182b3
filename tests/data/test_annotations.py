import json

import numpy as np
import pytest

from ppdet_hourglass.data.annotations import find_missing_images, read_annotations

from ..conftest import person, refused


@pytest.fixture
def read(tmp_path):
    path = tmp_path / "mpii_train.json"

    def read(content, need_joints=True):
        text = json.dumps(content) if isinstance(content, list) else content
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_annotations(str(path), 16, need_joints)

    read.path = path
    return read


def test_columns(read):
    people = read([person("a.jpg"), person("b.jpg", joints_vis=[1] * 15 + [0])])
    assert people.images == ["a.jpg", "b.jpg"] and len(people) == 2
    assert people.centers.tolist() == [[60, 50]] * 2
    assert people.scales.tolist() == [0.4, 0.4]
    assert people.joints.shape == (2, 16, 2)
    assert people.joints[0, 1].tolist() == [25, 33]
    assert people.visible.sum() == 31
    assert people.head_boxes[0].tolist() == [[40, 20], [60, 45]]


def test_what_some_records_may_lack(read):
    joints = person()["joints"]
    people = read([person(), person(joints=None, gt_joints=joints)])
    assert people.joints[1].tolist() == joints and people.unannotated == 0
    people = read([person(), person(joints=None, head_box=None)], need_joints=False)
    assert people.joints is None and people.visible is None
    assert people.head_boxes is None and people.unannotated == 1
    people = read([person(rectangle=2), person(rectangle=1)])
    assert people.rectangles.tolist() == [2, 1]
    assert read([person(rectangle=2), person()]).rectangles is None


def test_real_files(mpii):
    for split, count in (("train", 22246), ("val", 2958)):
        path = str(mpii / f"annotations/mpii_{split}.json")
        people = read_annotations(path, 16, True)
        assert len(people) == count and people.joints.shape == (count, 16, 2)
        assert set(np.unique(people.visible)) == {0, 1}


@pytest.mark.parametrize(
    "changes, problem",
    [
        ({"joints": None}, "neither 'joints' nor 'gt_joints', which training needs"),
        ({"joints_vis": None}, "key 'joints_vis' is missing"),
        ({"image": ""}, "'image' must be a non-empty string, but got ''"),
        (
            {"joints": [[1, 1]] * 15},
            "'joints' must be 16 x 2 finite numbers (num_joints x 2), but got a list "
            f"of 15: {[[1, 1]] * 15}",
        ),
        (
            {"joints_vis": 1},
            "'joints_vis' must be 16 finite numbers (num_joints), but got 1",
        ),
        ({"scale": 0}, "'scale' must be a finite number above 0, but got 0"),
    ],
)
def test_a_wrong_record_is_named(read, changes, problem):
    message = refused(read, [person(), person(**{"image": "7.jpg", **changes})])
    image = changes.get("image", "7.jpg")
    assert message == f"{read.path}: record 1 (image {image}): {problem}"


def test_a_wrong_rectangle(read):
    assert refused(read, [person("a.jpg", rectangle="b")]) == (
        f"{read.path}: record 0 (image a.jpg): 'rectangle' must be a whole number, but "
        "got 'b'"
    )


@pytest.mark.parametrize(
    "content, problem",
    [
        (b"\xff\xfe[", " is not valid JSON (cut off?): "),
        (json.dumps([person()])[:-20], " is not valid JSON (cut off?): "),
        ("[1, 2]", "[0] must be an object, but got 1"),
        ("[]", " must be a list of person records, at least one, but got a list of 0"),
    ],
)
def test_a_wrong_file_is_named(read, content, problem):
    assert f"{read.path}{problem}" in refused(read, content)


def test_no_file():
    assert refused(read_annotations, "nowhere.json", 16, True) == (
        "annotation file nowhere.json does not exist"
    )


def test_find_missing_images(tmp_path):
    (tmp_path / "a.jpg").touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b.jpg").touch()
    names = ["a.jpg", "c.jpg", "sub/b.jpg", "d.jpg"]
    assert find_missing_images(names, str(tmp_path)) == [1, 3]
