"""Keypoint files: the shipped ones, derived facts, and what is refused."""

import pytest
import yaml

from ppdet_hourglass.keypoints.keypoint_set import read_keypoints

from ..conftest import refused

SHIPPED = ("mpii", "coco", "lsp")

KITE = {
    "name": "kite",
    "joints": ["head", "left_tip", "right_tip", "tail"],
    "pairs": [["left_tip", "right_tip"]],
}


@pytest.fixture
def read(tmp_path):
    """Writes a keypoint file and reads it; each call another file."""
    paths = (tmp_path / f"{count}.yml" for count in range(100))

    def write_and_read(**changes):
        path = next(paths)
        content = {**KITE, **changes}
        content = {key: value for key, value in content.items() if value is not None}
        path.write_text(yaml.safe_dump(content))
        return read_keypoints(str(path))

    return write_and_read


@pytest.mark.parametrize("name, joints", zip(SHIPPED, (16, 17, 14)))
def test_shipped_files(name, joints, tmp_path, monkeypatch):
    keypoints = read_keypoints(name)
    assert len(keypoints) == joints
    monkeypatch.chdir(tmp_path)  # configs name them as in the clone
    assert read_keypoints(f"configs/keypoints/{name}.yml") == keypoints
    sides = [keypoints.side(joint) for joint in range(joints)]
    for side, joint in zip(sides, keypoints.joints):
        assert side == next((s for s in ("left", "right") if s in joint), "")
    touched = {joint for bone in keypoints.skeleton for joint in bone}
    assert touched == set(range(joints))


def test_mpii_is_the_order_of_the_public_files(mpii):
    from scipy.io import loadmat

    truth = loadmat(str(mpii / "annotations/mpii_gt_val.mat"))["dataset_joints"]
    short = [str(name[0]) for name in truth.ravel()]
    keypoints = read_keypoints("mpii")
    assert (short[0], short[9], short[15]) == ("rank", "head", "lwri")
    assert keypoints.joints[0] == "right_ankle" and keypoints.joints[9] == "head_top"
    assert keypoints.joints[15] == "left_wrist"
    assert [keypoints.joints[k] for k in keypoints.unscored] == ["pelvis", "thorax"]


def test_coco_is_that_of_pycocotools():
    import numpy as np
    from pycocotools.cocoeval import Params

    keypoints = read_keypoints("coco")
    assert np.allclose(keypoints.sigmas, Params("keypoints").kpt_oks_sigmas)
    pairs = [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10], [11, 12], [13, 14], [15, 16]]
    assert [list(pair) for pair in keypoints.pairs] == pairs
    assert keypoints.upper_body == tuple(range(11))


def test_derived_facts_by_hand(read):
    keypoints = read(skeleton=[["head", "tail"]], unscored=["tail"])
    assert keypoints.flip_order == [0, 2, 1, 3]
    assert [keypoints.side(k) for k in range(4)] == ["", "left", "right", ""]
    assert keypoints.skeleton == ((0, 3),) and keypoints.unscored == (3,)
    assert keypoints.groups == {"head": (0,), "tip": (1, 2), "tail": (3,)}
    assert keypoints.normaliser == "box"
    assert keypoints.torso is None and keypoints.sigmas is None


def test_a_side_is_a_word_of_its_own(read):
    joints = ["bright_end", "Left tip", "Right tip"]
    assert read(joints=joints, pairs=[["Left tip", "Right tip"]]).pairs == ((1, 2),)
    assert refused(read, joints=joints, pairs=None).endswith(
        "'pairs' lacks the pair of Left tip"
    )


def test_names_without_sides_need_no_pairs(read):
    keypoints = read(joints=["a", "b"], pairs=None)
    assert keypoints.flip_order == [0, 1] and keypoints.name == "kite"


@pytest.mark.parametrize(
    "changes, problem",
    [
        ({"pairs": None}, "'pairs' lacks the pair of left_tip"),
        ({"pairs": [["left_tip", "wing"]]}, "'pairs' names 'wing', which 'joints' "),
        ({"pairs": [["right_tip", "left_tip"]]}, "'pairs' must have left first, but "),
        ({"pairs": [["left_tip", "tail"]]}, "'pairs' must be [left, right], but got "),
        ({"pairs": [["left_tip"]]}, "'pairs'[0] must be two different joints, but got"),
        ({"pairs": [["head"] * 2]}, "'pairs'[0] must be two different joints, but got"),
        ({"pairs": KITE["pairs"] * 2}, "'pairs' has 'left_tip' more than once"),
        ({"pairs": "x"}, "'pairs' must be a list of pairs of joints, but got 'x'"),
        ({"joints": []}, "'joints' must be a list of names, at least one, but got "),
        ({"joints": ["a", "a"], "pairs": []}, "'joints' has 'a' more than once"),
        ({"joints": ["a", 1], "pairs": []}, "'joints'[1] must be a non-empty string"),
        ({"skeleton": [["head"]]}, "'skeleton'[0] must be two different joints, but "),
        ({"unscored": ["nose"]}, "'unscored' names 'nose', which 'joints' does not "),
        ({"upper_body": 3}, "'upper_body' must be a list of joints, but got 3"),
        ({"groups": {"A": []}}, "'groups': 'A' must be a list of joints, at least one"),
        ({"groups": {"A": ["nose"]}}, "'groups' names 'nose', which 'joints' does not"),
        ({"groups": 3}, "'groups' must be an object, but got 3"),
        ({"normaliser": "head"}, "'normaliser' must be one of head_box, torso, box, "),
        ({"normaliser": "torso"}, "'torso' belongs to 'normaliser: torso', and names "),
        ({"torso": ["head", "tail"]}, "'torso' belongs to 'normaliser: torso', and "),
        ({"sigmas": {"head": 0.1}}, "'sigmas': key 'left_tip' is missing"),
        (
            {"sigmas": {**dict.fromkeys(KITE["joints"], 1), "nose": 1}},
            "'sigmas' names 'nose', which 'joints' does not list",
        ),
        (
            {"sigmas": dict.fromkeys(KITE["joints"], 0)},
            "'sigmas': 'head' must be a finite number above 0, but got 0",
        ),
        ({"flips": []}, "unknown key 'flips'; known are name, joi"),
    ],
)
def test_refused(read, tmp_path, changes, problem):
    message = refused(read, **changes)
    assert message.startswith(f"{tmp_path}/0.yml: {problem}") and "\n" not in message


def test_no_such_file(tmp_path):
    assert refused(read_keypoints, "dog") == (
        "keypoint file dog (config key 'keypoints') does not exist; the package's own "
        "are coco, lsp, mpii"
    )
    path = str(tmp_path / "mpii.yml")  # never another file's namesake
    assert refused(read_keypoints, path).startswith(f"keypoint file {path} (config")


def test_a_rewritten_file_is_read_again(tmp_path):
    path = tmp_path / "kite.yml"
    for joints in (["head", "tail"], ["tail", "head"]):
        path.write_text(yaml.safe_dump({"joints": joints}))
        assert list(read_keypoints(str(path)).joints) == joints


@pytest.mark.parametrize(
    "text, problem",
    [
        ("a: [", " is not valid YAML: while parsing"),
        ("a: 2020-13-45", " is not valid YAML: month must be in 1..12"),
        ("- head", " must be an object, but got a list of 1: ['head']"),
        ("", " must be an object, but got None"),
    ],
)
def test_no_keypoint_file(tmp_path, text, problem):
    path = tmp_path / "x.yml"
    path.write_text(text)
    message = refused(read_keypoints, str(path))
    assert message.startswith(f"{path}{problem}") and "\n" not in message
