import json

import numpy as np
import pytest

from ppdet_hourglass.data.annotations import find_missing_images, read_annotations
from ppdet_hourglass.errors import UserError
from tests.conftest import person


@pytest.fixture
def read(tmp_path):
    path = tmp_path / "mpii_train.json"

    def read(records, need_joints=True):
        text = records if isinstance(records, str) else json.dumps(records)
        path.write_text(text)
        return read_annotations(str(path), 16, need_joints)

    read.path = path
    return read


def test_columns(read):
    people = read([person("a.jpg"), person("b.jpg", joints_vis=[1] * 15 + [0])])
    assert people.images == ["a.jpg", "b.jpg"] and len(people) == 2
    assert people.centers.tolist() == [[60, 50]] * 2
    assert people.scales.tolist() == [0.4, 0.4]
    assert people.joints.shape == (2, 16, 2) and people.joints[0, 1].tolist() == [
        25,
        33,
    ]
    assert people.visible.sum() == 31
    assert people.head_boxes[0].tolist() == [[40, 20], [60, 45]]


def test_gt_joints_is_the_same(read):
    record = person()
    record["gt_joints"] = record.pop("joints")
    assert (read([record]).joints == read([person()]).joints).all()
    assert read([person(), record]).joints.shape == (2, 16, 2)


def test_people_without_joints_outside_training(read):
    people = read([person(), person(joints=None, head_box=None)], need_joints=False)
    assert people.joints is None and people.visible is None
    assert people.head_boxes is None and people.unannotated == 1


def test_indices_into_mpiis_own_file(read):
    people = read([person(rectangle=2), person(rectangle=1)])
    assert people.rectangles.tolist() == [2, 1] and people.unannotated == 0
    assert read([person(rectangle=2), person()]).rectangles is None
    with pytest.raises(
        UserError, match="'rectangle' must be a whole number, but got 'second'"
    ):
        read([person(rectangle="second")])


def test_real_files(mpii):
    for split, count in (("train", 22246), ("val", 2958)):
        people = read_annotations(
            str(mpii / f"annotations/mpii_{split}.json"), 16, True
        )
        assert len(people) == count and people.joints.shape == (count, 16, 2)
        assert set(np.unique(people.visible)) == {0, 1}


@pytest.mark.parametrize(
    "changes, problem",
    [
        (
            {"joints": None},
            "neither 'joints' nor 'gt_joints', which training needs",
        ),
        ({"joints_vis": None}, "key 'joints_vis' is missing"),
        ({"center": None}, "key 'center' is missing"),
        ({"image": ""}, "'image' must be a non-empty string, but got ''"),
        (
            {"joints": [[1, 1]] * 15},
            "'joints' must be 16 x 2 finite numbers (num_joints x 2), but got a list "
            f"of 15: {[[1, 1]] * 15}",
        ),
        (
            {"joints_vis": [1] * 17},
            "'joints_vis' must be 16 finite numbers (num_joints), but got a list of "
            f"17: {[1] * 17}",
        ),
        (
            {"joints_vis": 1},
            "'joints_vis' must be 16 finite numbers (num_joints), but got 1",
        ),
        (
            {"scale": float("nan")},
            "'scale' must be a finite number above 0, but got nan",
        ),
        ({"scale": 0}, "'scale' must be a finite number above 0, but got 0"),
        ({"scale": -1.5}, "'scale' must be a finite number above 0, but got -1.5"),
        ({"scale": "big"}, "'scale' must be a finite number above 0, but got 'big'"),
        (
            {"center": [1]},
            "'center' must be 2 finite numbers, but got a list of 1: [1]",
        ),
        (
            {"head_box": [1, 2]},
            "'head_box' must be 4 finite numbers, but got a list of 2: [1, 2]",
        ),
        (
            {"joints": [[1, 1]] * 15 + [[1, 1e999]]},
            "'joints'[15][1] must be a finite number, but got inf",
        ),
    ],
)
def test_a_wrong_record_is_named(read, changes, problem):
    with pytest.raises(UserError) as error:
        read([person(), person(**{"image": "7.jpg", **changes})])
    image = changes.get("image", "7.jpg")
    assert str(error.value) == f"{read.path}: record 1 (image {image}): {problem}"


@pytest.mark.parametrize(
    "content, problem",
    [
        (json.dumps([person()])[:-20], " is not valid JSON (cut off?): "),
        (
            {"annotations": []},
            " must be a list of person records, at least one, but got {'annotations': ",
        ),
        (
            [1, 2],
            "[0] must be an object, but got 1",
        ),
        (
            [],
            " must be a list of person records, at least one, but got a list of 0: []",
        ),
    ],
)
def test_a_wrong_file_is_named(read, content, problem):
    with pytest.raises(UserError) as error:
        read(content)
    assert f"{read.path}{problem}" in str(error.value)


def test_unreadable_files(read):
    read.path.write_bytes(b"\xff\xfe[")
    with pytest.raises(UserError, match="is not valid JSON"):
        read_annotations(str(read.path), 16, True)
    with pytest.raises(UserError, match="annotation file nowhere.json does not exist"):
        read_annotations("nowhere.json", 16, True)


def test_find_missing_images(tmp_path):
    (tmp_path / "a.jpg").touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b.jpg").touch()
    names = ["a.jpg", "c.jpg", "sub/b.jpg", "d.jpg"]
    assert find_missing_images(names, str(tmp_path)) == [1, 3]
