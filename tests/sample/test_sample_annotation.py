"""Records and the .mat file against the conventions of the real MPII files."""

import json

import numpy as np
import pytest
from scipy.io import loadmat

from ppdet_hourglass.sample.annotation import (
    head_box,
    make_record,
    write_ground_truth,
    write_json,
)
from ppdet_hourglass.sample.skeleton import JOINT_NAMES

NUM_JOINTS = len(JOINT_NAMES)
NECK, HEAD = JOINT_NAMES.index("upper_neck"), JOINT_NAMES.index("head_top")
RIGHT_ANKLE = JOINT_NAMES.index("right_ankle")


@pytest.fixture
def record():
    joints = np.arange(2.0 * NUM_JOINTS).reshape(NUM_JOINTS, 2)
    joints[NECK], joints[HEAD] = (50, 40), (50, 20)
    visible = np.ones(NUM_JOINTS, bool)
    visible[RIGHT_ANKLE] = False
    return make_record("100000000.jpg", joints, visible, np.array([30.0, 45.0]), 120.0)


def test_record_has_the_keys_of_mpii_and_the_head_box(record):
    assert list(record) == [
        *("joints_vis", "joints", "image", "scale", "center"),
        "head_box",
    ]


def test_positions_count_from_one_and_missing_joints_are_minus_one(record):
    assert record["center"] == [31.0, 46.0]
    assert record["scale"] == 0.6
    assert record["joints"][NECK] == [51.0, 41.0]
    assert record["joints"][RIGHT_ANKLE] == [-1.0, -1.0]
    assert record["joints_vis"] == [0] + [1] * 15


def test_head_box_has_mpiis_size_around_neck_and_head_top():
    joints = np.zeros((NUM_JOINTS, 2))
    joints[NECK], joints[HEAD] = (50, 40), (50, 20)
    left, top, right, bottom = head_box(joints)
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((50, 30))
    assert np.hypot(right - left, bottom - top) == pytest.approx(1.25 * 20)
    assert (right - left) / (bottom - top) == pytest.approx(0.78)


def test_head_box_of_a_lying_head_is_wider_than_high():
    joints = np.zeros((NUM_JOINTS, 2))
    joints[NECK], joints[HEAD] = (40, 50), (20, 50)
    left, top, right, bottom = head_box(joints)
    assert (bottom - top) / (right - left) == pytest.approx(0.78)


def test_ground_truth_round_trip(tmp_path, record):
    write_ground_truth(tmp_path / "gt.mat", [record, record, record])
    read = loadmat(str(tmp_path / "gt.mat"))
    assert read["pos_gt_src"].shape == (NUM_JOINTS, 2, 3)
    assert read["pos_gt_src"][NECK, :, 1].tolist() == [51.0, 41.0]
    assert read["pos_gt_src"][RIGHT_ANKLE, :, 2].tolist() == [0.0, 0.0]
    assert read["jnt_missing"].dtype == np.uint8
    assert read["jnt_missing"][:, 0].tolist() == [1] + [0] * 15
    assert read["headboxes_src"].shape == (2, 2, 3)
    assert read["headboxes_src"][:, :, 0].ravel().tolist() == record["head_box"]


def test_dataset_joints_are_those_of_the_real_file(tmp_path, record):
    write_ground_truth(tmp_path / "gt.mat", [record])
    names = loadmat(str(tmp_path / "gt.mat"))["dataset_joints"]
    assert names.shape == (1, NUM_JOINTS)
    assert [str(name[0]) for name in names[0]] == [
        *("rank", "rkne", "rhip", "lhip", "lkne", "lank", "pelv", "thor"),
        *("neck", "head", "rwri", "relb", "rsho", "lsho", "lelb", "lwri"),
    ]


def test_json_round_trip(tmp_path, record):
    write_json(tmp_path / "people.json", [record])
    assert json.loads((tmp_path / "people.json").read_text()) == [record]
