"""Each fault of a data set, made by hand."""

import json

import cv2
import numpy as np
import pytest

from ppdet_hourglass.data.checks import check as problems
from ppdet_hourglass.data.checks.check import check_people, look_at, look_at_all
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints

from ...conftest import person
from ..turned import write_turned

MPII = read_keypoints("mpii")


@pytest.fixture
def findings(tmp_path):
    """Checks records whose images, 120 x 100, are there; gives (problem, record)."""

    def check(records, need_joints=True):
        for image in ("a.png", "b.png"):
            cv2.imwrite(str(tmp_path / image), np.zeros((100, 120, 3), np.uint8))
        path = tmp_path / "a.json"
        path.write_text(json.dumps(records))
        found = check_people(str(path), str(tmp_path), MPII, need_joints)
        check.found = found
        check.details = [problem.detail for problem in found.problems]
        return [(problem.kind, problem.record) for problem in found.problems]

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
        ({"scale": None}, problems.WRONG_VALUE, "'scale' is missing"),
        ({"scale": True}, problems.WRONG_VALUE, "'scale'"),
        ({"joints": None}, problems.WRONG_VALUE, "gt_joints"),
        ({"scale": 1e20}, problems.IMPOSSIBLE, "scale 1e+20"),
        ({"head_box": [40, 20, 40, 45]}, problems.HEAD_BOX, "[39, 19, 39, 44]"),
        ({"center": [-400, 50]}, problems.OUTSIDE, "120 x 100 pixels"),
        ({"image": "c.png"}, problems.MISSING, "{folder}/c.png does not exist"),
        ({"joints_vis": [0] * 16}, problems.NO_JOINT, "nothing to learn from"),
    ],
)
def test_a_faulty_record_beside_a_sound_one(
    findings, tmp_path, changes, problem, detail
):
    faulty = {**person("b.png"), **changes}
    faulty = {key: value for key, value in faulty.items() if value is not None}
    assert findings([person("a.png"), faulty]) == [(problem, 1)]
    assert detail.format(folder=tmp_path) in findings.details[0]


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
    assert findings.found.faulty == [1]
    table = findings.found.table().splitlines()
    assert [line.split()[0] for line in table] == ["error", "record"] + [
        "suspect",
        "record",
    ] * 2
    assert findings.found.as_json()["findings"][0] == {
        "problem": "same person twice",
        "error": True,
        "record": 1,
        "image": "a.png",
        "detail": "as in record 0",
    }


def test_joints_outside_the_crop(findings):
    moved = [[x + 60, y] for x, y in person()["joints"]]
    far = person("b.png", joints=moved, center=[20, 50], scale=0.1)
    assert (problems.NO_TARGET, 1) in findings([person("a.png"), far])


def test_a_file_without_a_sound_record(findings):
    """Found by ``make fuzz``, as is the next one."""
    assert findings([person("a.png", scale=True)]) == [(problems.WRONG_VALUE, 0)]


def test_a_name_that_no_file_can_have(findings, tmp_path):
    assert findings([person("a\0.png")]) == [(problems.UNREADABLE, 0)]
    (detail,) = findings.details
    assert "a\\x00.png" in detail and detail.isprintable()


KEYPOINTS = [v for k in range(16) for v in (20 + 5 * k, 30 + 3 * k, 2)]


def test_coco(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((100, 120, 3), np.uint8))
    shared = {"image_id": 7, "category_id": 1, "bbox": [10, 20, 100, 70]}
    shared["keypoints"] = KEYPOINTS
    records = [
        {"id": 1, **shared},
        {"id": 2, **shared, "bbox": [True, 2, 3, 4]},
        {"id": 3, **shared, "image_id": 8},
        {"id": 4, **shared, "iscrowd": 1},
        {"id": 5, **shared, "bbox": [1, 2]},
    ]
    image = {"id": 7, "file_name": "a.png", "width": 120, "height": 100}
    content = {"images": [image], "annotations": records, "categories": [{"id": 1}]}
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(content))
    found = check_people(str(path), str(tmp_path), MPII)
    assert found.faulty == [1, 2, 4] and found.people.records.tolist() == [0]
    assert found.write_clean(str(tmp_path / "clean.json")) == 2
    clean = json.loads((tmp_path / "clean.json").read_text())
    assert [record["id"] for record in clean["annotations"]] == [1, 4]
    assert clean["images"] == content["images"]
    image["width"], records[1:] = 60, []
    path.write_text(json.dumps(content))
    (problem,) = check_people(str(path), str(tmp_path), MPII).problems
    assert problem.kind == problems.OTHER_SIZE
    assert "[60, 100]" in problem.detail and "[120, 100]" in problem.detail


def test_images(tmp_path):
    image = np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)
    content = cv2.imencode(".jpg", image)[1].tobytes()
    png = cv2.imencode(".png", image)[1].tobytes()
    for name, data in (
        *(
            ("whole.jpg", content),
            ("cut.jpg", content[:-30]),
            ("tiny.jpg", content[:9]),
        ),
        *(("text.jpg", b"no image"), ("empty.jpg", b""), ("cut.png", png[:-80])),
    ):
        (tmp_path / name).write_bytes(data)
    write_turned(tmp_path / "turned.jpg", 6)

    def look(name, **options):
        return look_at(str(tmp_path / name), **options)

    assert look("whole.jpg").size == (30, 20) and look("whole.jpg").problem is None
    assert look("none.jpg").problem == problems.MISSING
    assert look("cut.jpg").problem == problems.CUT_OFF
    assert look("cut.jpg").detail == f"image {tmp_path}/cut.jpg is cut off"
    assert look("tiny.jpg").problem == problems.CUT_OFF
    for name in ("text.jpg", "empty.jpg"):
        assert look(name).problem == problems.UNREADABLE, name
    assert look("turned.jpg").tag == 6
    assert look("cut.png").problem is None  # its header is whole
    assert look("cut.png", decode=True).problem == problems.CUT_OFF
    paths = [str(tmp_path / name) for name in ("whole.jpg", "cut.jpg", "none.jpg")] * 30
    several = list(look_at_all(paths, decode=True, workers=2))
    assert several == list(look_at_all(paths, decode=True, workers=1))
