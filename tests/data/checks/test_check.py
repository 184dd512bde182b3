"""Each fault of a data set, made by hand."""

import json

import cv2
import numpy as np
import pytest

from ppdet_hourglass.data.checks import problems
from ppdet_hourglass.data.checks.check import check_people
from ppdet_hourglass.data.checks.people_file import read_people_file
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints

from ...conftest import person

MPII = read_keypoints("mpii")


@pytest.fixture
def findings(tmp_path):
    """Checks records whose images, 120 x 100, are there; gives (problem, record)."""

    def check(records, need_joints=True):
        for image in ("a.png", "b.png"):
            cv2.imwrite(str(tmp_path / image), np.zeros((100, 120, 3), np.uint8))
        path = tmp_path / "a.json"
        path.write_text(json.dumps(records))
        file = read_people_file(str(path), 16, need_joints)
        found = check_people(file, str(tmp_path), MPII)
        check.file, check.details = file, [finding.detail for finding in found]
        return [(finding.problem, finding.record) for finding in found]

    return check


def test_a_sound_file(findings):
    people = [person("a.png"), person("b.png")]
    assert findings(people) == []
    assert findings([person("a.png", head_box=None)]) == []
    people = [person("a.png", joints=None, joints_vis=None)]
    assert findings(people, need_joints=False) == [(problems.NO_JOINT, 0)]


@pytest.mark.parametrize(
    "changes, problem, detail",
    [
        ({"scale": None}, problems.WRONG_VALUE, "key 'scale' is missing"),
        (
            {"scale": True},
            problems.WRONG_VALUE,
            "'scale' must hold numbers, but holds true or false",
        ),
        (
            {"center": [1, "2"]},
            problems.WRONG_VALUE,
            "'center'[1] must be a finite number, but got '2'",
        ),
        (
            {"joints": None},
            problems.WRONG_VALUE,
            "neither 'joints' nor 'gt_joints' is there",
        ),
        ({"image": 3}, problems.WRONG_VALUE, "'image' must be a non-empty string, but"),
        ({"scale": 1e20}, problems.IMPOSSIBLE, "center [60, 50], scale 1e+20"),
        ({"center": [1e30, 5]}, problems.IMPOSSIBLE, "center [1e+30, 5], scale 0.4"),
        (
            {"head_box": [40, 20, 40, 45]},
            problems.HEAD_BOX,
            "head_box [40, 20, 40, 45]",
        ),
        (
            {"center": [-400, 50]},
            problems.OUTSIDE,
            "center [-400, 50], but the image has 120 x 100 pixels",
        ),
        ({"image": "c.png"}, problems.MISSING, "image {folder}/c.png does not exist"),
        ({"joints_vis": [0] * 16}, problems.NO_JOINT, "nothing to learn from"),
    ],
)
def test_a_faulty_record_beside_a_sound_one(
    findings, tmp_path, changes, problem, detail
):
    faulty = {**person("b.png"), **changes}
    faulty = {key: value for key, value in faulty.items() if value is not None}
    assert findings([person("a.png"), faulty]) == [(problem, 1)]
    assert findings.details[0].startswith(detail.format(folder=tmp_path))


def test_several_faults(findings):
    far = person("b.png", joints=[[500, 50], *person()["joints"][1:]])
    swapped = person("b.png", joints=[list(joint) for joint in person()["joints"]])
    for joint, place in ((0, [80, 90]), (5, [20, 90]), (1, [20, 60]), (4, [80, 60])):
        swapped["joints"][joint] = place  # ankles and knees, 67.1 px apart, not 30
    assert findings([person("a.png"), person("a.png"), far, swapped]) == [
        (problems.DUPLICATE, 1),
        (problems.JOINT_OUTSIDE, 2),
        (problems.CROSSED, 3),
    ]
    assert findings.details == [
        "as in record 0",
        "right_ankle",
        "left_ankle or left_knee: 2.2 times as long as crossed",
    ]
    assert problems.faulty(
        [
            problems.Finding(p, i, "", "")
            for i, p in (
                (3, problems.CROSSED),
                (2, problems.MISSING),
                (1, problems.DUPLICATE),
            )
        ]
    ) == [1, 2]


def test_a_file_without_a_sound_record(findings):
    """Found by ``make fuzz``, as is the next one."""
    assert findings([person("a.png", scale=True)]) == [(problems.WRONG_VALUE, 0)]


def test_a_name_that_no_file_can_have(findings, tmp_path):
    assert findings([person("a\0.png")]) == [(problems.UNREADABLE, 0)]
    (detail,) = findings.details
    assert "a\\x00.png" in detail and detail.isprintable()
