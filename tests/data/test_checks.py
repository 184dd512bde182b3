"""Each fault of a data set, made by hand."""

import json

import cv2
import numpy as np
import pytest

from ppdet_hourglass.data.annotations import Annotations
from ppdet_hourglass.data.checks import geometry, problems
from ppdet_hourglass.data.checks.check import check_people
from ppdet_hourglass.data.checks.people_file import read_people_file
from ppdet_hourglass.data.checks.pictures import look_at, look_at_all
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints

from ..conftest import person, refused
from .turned import write_turned

MPII = read_keypoints("mpii")


def people(joints, visible=None, centers=None, scales=None, heads=None, images=None):
    """N people with few joints, in a 100 px square around (50, 50) by default."""
    joints = np.array(joints, float)
    count = len(joints)
    return Annotations(
        "a.json",
        images or ["a.jpg"] * count,
        np.array(centers or [[50, 50]] * count, float),
        np.array(scales or [0.5] * count, float),
        joints,
        np.ones(joints.shape[:2]) if visible is None else np.array(visible, float),
        np.array(heads or [[[np.nan] * 2] * 2] * count, float),
    )


def test_impossible_values_by_hand():
    three = people([[[1, 1]], [[1, 1]], [[1e9, 1]]], visible=[[1], [1], [0]])
    assert not geometry.impossible(three).any()  # nobody sees the far joint
    far = people([[[1, 1]]] * 4 + [[[1, -1e9]]])
    far.scales[0] = 1e20
    far.centers[1, 0] = -1e30
    far.head_boxes[2] = [[1, 1], [2, 1e7]]
    assert geometry.impossible(far).tolist() == [True, True, True, False, True]


def test_empty_head_boxes_by_hand():
    heads = [[[1, 1], [1, 9]], [[5, 1], [2, 9]], [[1, 1], [2, 2]], [[np.nan] * 2] * 2]
    four = people([[[1, 1]]] * 4, heads=heads)
    assert geometry.empty_head_boxes(four).tolist() == [True, True, False, False]


def test_outside_by_hand():
    """An image of 100 x 60 reaches from 0.5 to 100.5 and 60.5, with a margin of 1."""
    joints = [[[101.5, 61.5], [-0.5, -0.5]], [[101.6, 9], [9, 9]], [[-0.6, 9], [9, 62]]]
    three, sizes = people(joints), np.array([[100, 60]] * 3)
    expected = [[False, False], [True, False], [True, True]]
    assert geometry.joints_outside(three, sizes).tolist() == expected
    assert geometry.outside(three, sizes).tolist() == [False, False, True]
    three.visible[2, 1] = 0
    assert geometry.joints_outside(three, sizes)[2].tolist() == [True, False]
    assert geometry.outside(three, sizes)[2]
    three.visible[2] = 0  # nothing is known of the joints
    assert not geometry.outside(three, sizes)[2]
    assert not geometry.outside(three, np.full((3, 2), np.nan))[1]
    # A square of 100 px touches the image from -49.5 to 150.5.
    for x, beyond in ((-49.5, False), (-49.6, True), (150.5, False), (150.6, True)):
        one = people([[[9, 9]]], centers=[[x, 30]])
        assert geometry.outside(one, np.array([[100, 60]])).tolist() == [beyond], x


def test_positions_of_the_upright_image_by_hand():
    joints = [[[90, 20]], [[20, 90]], [[90, 90]]]
    three, stored = people(joints), np.array([[100, 60]] * 3)
    # Only the second is inside 60 x 100 and outside 100 x 60.
    assert geometry.fit_only_upright(three, stored).tolist() == [False, True, False]


def test_duplicates_by_hand():
    """The height is 100 px, so the same person's joints differ by up to 2 px."""
    first = [[10, 10], [20, 20], [30, 30]]
    near, far = [[10, 12], [20, 22], [30, 32]], [[10, 12], [20, 22], [30, 32.1]]
    four = people(
        [first, near, far, first], images=["a.jpg", "a.jpg", "a.jpg", "b.jpg"]
    )
    assert geometry.duplicates(four).tolist() == [-1, 0, 1, -1]
    four.visible[1, 0] = 0  # two common joints are too few
    assert geometry.duplicates(four).tolist() == [-1, -1, -1, -1]


def test_limbs_of_keypoint_sets():
    names = {
        tuple(MPII.joints[joint].split("_")[1] for joint in limb[:2])
        for limb in geometry.limbs_of(MPII)
    }
    assert names == {
        *(("ankle", "knee"), ("knee", "hip"), ("wrist", "elbow")),
        *(("elbow", "shoulder"), ("shoulder", "hip")),
    }
    coco = geometry.limbs_of(read_keypoints("coco"))
    assert len(coco) == len({frozenset(limb) for limb in coco}) >= 5


def test_crossed_limbs_by_hand():
    """Elbows 40 px apart, wrists 30 px below: straight 60, crossed 2 x 50 = 100."""
    straight = [[0, 0], [0, 30], [40, 0], [40, 30]]
    exchanged = [[0, 0], [40, 30], [40, 0], [0, 30]]
    joints, visible = np.array([straight, exchanged, exchanged], float), np.ones((3, 4))
    visible[2, 1] = 0
    ratios = geometry.crossing(joints, visible, [(0, 1, 2, 3)])
    assert ratios[:, 0] == pytest.approx([0.6, 100 / 60, 0])
    assert geometry.crossing(joints * 0, visible, [(0, 1, 2, 3)]).tolist() == [[0]] * 3


def test_pictures(tmp_path):
    image = np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)
    content = cv2.imencode(".jpg", image)[1].tobytes()
    png = cv2.imencode(".png", image)[1].tobytes()
    for name, data in (
        *(
            ("whole.jpg", content),
            ("cut.jpg", content[:-30]),
            ("tiny.jpg", content[:9]),
        ),
        *(("text.jpg", b"no picture"), ("empty.jpg", b""), ("cut.png", png[:-80])),
    ):
        (tmp_path / name).write_bytes(data)
    write_turned(tmp_path / "turned.jpg", 6)

    def look(name, **options):
        return look_at(str(tmp_path / name), **options)

    assert look("whole.jpg").size == (30, 20) and look("whole.jpg").problem is None
    assert look("none.jpg").problem == problems.MISSING
    assert look("cut.jpg").problem == problems.CUT_OFF
    assert look("cut.jpg").detail == f"{tmp_path}/cut.jpg is cut off"
    assert look("tiny.jpg").problem == problems.CUT_OFF
    for name in ("text.jpg", "empty.jpg"):
        assert look(name).problem == problems.UNREADABLE, name
    assert look("turned.jpg").tag == 6
    assert look("cut.png").problem is None  # its header is whole
    assert look("cut.png", decode=True).problem == problems.UNREADABLE
    paths = [str(tmp_path / name) for name in ("whole.jpg", "cut.jpg", "none.jpg")] * 30
    several = list(look_at_all(paths, decode=True, workers=2))
    assert several == list(look_at_all(paths, decode=True, workers=1))


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
    assert findings.details == [
        f"{str(tmp_path)!r}"[:-1] + "/a\\x00.png': embedded null byte"
    ]


def test_coco(tmp_path):
    keypoints = [v for k in range(16) for v in (20 + 5 * k, 30 + 3 * k, 2)]
    box, whole = [10, 20, 100, 70], {"category_id": 1, "area": 9.0, "iscrowd": 0}
    shared = {"image_id": 7, "bbox": box, "keypoints": keypoints, **whole}
    records = [
        {"id": 1, **shared},
        {"id": 2, **shared, "bbox": [True, 2, 3, 4]},
        {"id": 3, **shared, "image_id": 8},
        {"id": 4, **shared, "iscrowd": 1},
        {"id": 5, **shared, "bbox": [1, 2]},
    ]
    content = {"images": [{"id": 7, "file_name": "a.png"}], "annotations": records}
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(content))
    file = read_people_file(str(path), 16, need_joints=True)
    assert file.sound == [0] and file.wrong == {
        1: "'bbox' must hold numbers, but holds true or false",
        2: "no image with a file_name has id 8",
        4: "'bbox' must be 4 finite numbers, but got a list of 2: [1, 2]",
    }
    assert file.people.images == ["a.png"] and file.image(2) == "8"
    assert file.people.centers.tolist() == [[61, 56]]
    assert file.people.joints[0, 0].tolist() == [21, 31]  # 1-based
    file.write_without([1, 2, 4], str(tmp_path / "clean.json"))
    clean = json.loads((tmp_path / "clean.json").read_text())
    assert [record["id"] for record in clean["annotations"]] == [1, 4]
    assert clean["images"] == content["images"]


def test_no_annotation_file(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[]")
    assert refused(read_people_file, str(path), 16, True) == (
        f"{path} must be a list of person records, at least one, but got a list of 0: "
        "[]"
    )


def test_the_real_training_set_has_no_error(mpii):
    """Of its images only five are here; the file alone has no error."""
    path = str(mpii / "annotations/mpii_train.json")
    file = read_people_file(path, 16, need_joints=True)
    assert file.wrong == {} and len(file.sound) == 22246
    assert not geometry.impossible(file.people).any()
    assert (geometry.duplicates(file.people) == -1).all()
    limbs = geometry.limbs_of(MPII)
    ratios = geometry.crossing(file.people.joints, file.people.visible, limbs)
    assert (ratios >= geometry.CROSSED_FROM).any(axis=1).sum() == 214
