import json
import logging
from dataclasses import replace

import numpy as np
import pytest
from scipy.io import loadmat

from ppdet_hourglass.data.mpii.mat_file import MAT_NAME, write_ground_truth
from ppdet_hourglass.data.people import read_people
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.metrics.ground_truth import (
    GroundTruth,
    head_sizes,
    is_withheld,
    mat_path,
    torso_lengths,
    truth_of,
)
from ppdet_hourglass.metrics.pck import pck
from tests.conftest import people_at, person

MPII, LSP = read_keypoints("mpii"), read_keypoints("lsp")
SHOULDER, HIP = LSP.joints.index("left_shoulder"), LSP.joints.index("right_hip")


def write(folder, people, mat_rows=None, **changes):
    """Annotations of ``people`` records, and a .mat file of ``mat_rows`` of them."""
    records = [person(f"{i}.jpg", center=[60.0 + i, 50.0]) for i in range(people)]
    for i, record in enumerate(records):
        record["joints"] = [[x + 40 * i, y] for x, y in record["joints"]]
        record.update(changes)
    records = [{k: v for k, v in r.items() if v is not None} for r in records]
    path = folder / "mpii_val.json"
    path.write_text(json.dumps(records))
    if mat_rows is not None:
        joints = np.array([records[row]["joints"] for row in mat_rows])
        heads = np.array([[0.0, 0.0, 30.0, 40.0]] * len(mat_rows))
        annotated = np.ones(joints.shape[:2], bool)
        write_ground_truth(str(folder / MAT_NAME), joints, annotated, heads)
    return read_people(str(path), MPII, need_joints=False)


def test_the_mat_file_counts_where_there_is_one(tmp_path):
    truth = truth_of(write(tmp_path, 3, [0, 1, 2]), MPII)
    assert truth.source.endswith(MAT_NAME)
    assert truth.sizes.tolist() == [30.0] * 3  # 0.6 x diagonal 50
    assert truth.joints.shape == (3, 16, 2) and truth.visible.all()


def test_head_boxes_of_the_json_otherwise(tmp_path):
    truth = truth_of(write(tmp_path, 2, head_box=[10.0, 10.0, 13.0, 14.0]), MPII)
    assert truth.source.endswith("mpii_val.json")
    assert truth.sizes == pytest.approx([3.0, 3.0])  # 0.6 x diagonal 5
    assert truth.joints[1, 0].tolist() == [59.0, 29.0]


def refused(people):
    with pytest.raises(UserError) as error:
        truth_of(people, MPII)
    return str(error.value)


def test_no_ground_truth(tmp_path):
    path = tmp_path / "mpii_val.json"
    assert refused(write(tmp_path, 2, head_box=None)) == (
        f"no ground truth for {path}: put mpii_gt_val.mat beside it, or give every "
        "record a 'head_box' [x1, y1, x2, y2] (1-based pixels)"
    )
    path.write_text(json.dumps([person(), person(joints=None, joints_vis=None)]))
    people = read_people(str(path), MPII, need_joints=False)
    assert not is_withheld(people)
    assert refused(people) == f"{path}: 1 of 2 records have no joints to evaluate with"


@pytest.mark.parametrize(
    "annotations, mat",
    [
        ("a/mpii_val.json", "a/mpii_gt_val.mat"),
        ("a/mpii_test.json", "a/mpii_gt_test.mat"),
        ("people.json", "mpii_gt_val.mat"),
    ],
)
def test_each_split_has_its_own_mat_file(annotations, mat):
    assert mat_path(annotations) == mat


def test_withheld_joints(tmp_path):
    people = write(tmp_path, 2, joints=None, joints_vis=None)
    assert is_withheld(people)
    assert not is_withheld(write(tmp_path, 2))
    (tmp_path / MAT_NAME).touch()
    assert not is_withheld(people)


def test_a_mat_file_of_other_people(tmp_path):
    mat, path = tmp_path / MAT_NAME, tmp_path / "mpii_val.json"
    assert refused(write(tmp_path, 3, [0, 1])) == (
        f"{mat} describes 2 people, but {path} 3: they do not belong together"
    )
    error = refused(write(tmp_path, 3, [0, 2, 1]))
    for part in (f"{mat}: person 1 ", f"record 1 in {path} (image 1.jpg)", "order"):
        assert part in error


def test_the_real_files_belong_together_and_score_alike(mpii):
    """Their 13 joints that differ: ``parity/test_pckh.py``."""
    people = read_people(str(mpii / "annotations/mpii_val.json"), MPII)
    public = truth_of(people, MPII)
    assert public.source == str(mpii / "annotations" / MAT_NAME) and len(public) == 2958
    predictions = loadmat(public.source)["pos_pred_src"].transpose(2, 0, 1) - 1
    ours = replace(public, joints=people.joints, visible=people.visible > 0)
    assert pck(predictions, public).mean == pytest.approx(82.3367, abs=1e-4)
    assert pck(predictions, ours).mean == pytest.approx(82.319, abs=1e-3)


def people_of(keypoints, count=2, scale=0.5):
    """Joints at (0, 0) but the torso's: 30 px apart in x, 40 in y."""
    joints = np.zeros((count, len(keypoints), 2))
    if keypoints is LSP:
        joints[:, SHOULDER] = [30.0, 40.0]
    visible = np.ones((count, len(keypoints)), bool)
    places = [[0, 0]] * count, [1.25 * scale] * count
    names = ["1.jpg"] * count
    return people_at(names, *places, "test.json", joints=joints, visible=visible)


def test_lengths_by_hand():
    boxes = np.array([[[10.0, 10.0], [13.0, 14.0]]])
    assert head_sizes(boxes) == pytest.approx([3.0])  # 0.6 x 5
    joints = np.array([[[0.0, 0.0], [3.0, 4.0]]] * 3)
    joints[2, 1] = 0
    visible = np.array([[True, True], [True, False], [True, True]])
    lengths = torso_lengths(joints, visible, (0, 1))
    assert lengths[0] == 5 and np.isnan(lengths[1:]).all()


def test_errors_are_measured_in_torsos():
    truth = truth_of(people_of(LSP), LSP)
    assert truth.sizes.tolist() == [50.0, 50.0]
    predictions = truth.joints.copy()
    predictions[:, :, 0] += 10.0  # 0.2 torsos
    result = pck(predictions, truth)
    assert (result.mean, result.mean_strict) == (100.0, 0.0)
    assert list(result.figures())[-2] == "Mean@0.1"
    assert pck(predictions + [0.001, 0], truth).mean == 0.0


def test_people_without_a_torso_are_not_counted(caplog):
    some = people_of(LSP, count=3)
    some.visible[1, HIP] = 0
    with caplog.at_level(logging.WARNING):
        truth = truth_of(some, LSP)
    assert caplog.messages == [
        "test.json: 1 of 3 people have no torso annotated and are not counted"
    ]
    predictions = truth.joints.copy()
    predictions[1] += 1000.0
    assert pck(predictions, truth).mean == 100.0


def test_errors_are_measured_in_boxes():
    coco = read_keypoints("coco")
    truth = truth_of(people_of(coco, scale=0.5), coco)
    assert truth.sizes.tolist() == [100.0, 100.0]  # 0.5 x 200 px
    predictions = truth.joints.copy()
    predictions[:, 0, 1] = 20.0  # the nose: 0.2 boxes off
    result = pck(predictions, truth)
    assert result.mean == 100.0
    assert result.mean_strict == pytest.approx(100 * 16 / 17)
    assert "Mean@0.05" in result.figures()
    assert result.per_joint["nose"] == 100.0 and result.per_joint["eye"] == 100.0


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"joints": np.ones((2, 16, 3))}, r"shape \(2, 16, 2\), but have \(2, 16, 3\)"),
        (
            {"joints": np.ones((2, 14, 2)), "visible": np.ones((2, 14), bool)},
            r"x.mat: joints must have shape \(2, 16, 2\), but have \(2, 14, 2\)",
        ),
        (
            {"joints": np.full((2, 16, 2), np.nan)},
            "x.mat: an annotated joint of person 0 is not finite",
        ),
        ({"sizes": np.ones(3)}, "head box for each of 2 people .* there are 3"),
        ({"sizes": np.array([1.0, 0.0])}, "head box of person 1 has no size"),
        ({"sizes": np.array([np.nan, 1])}, "head box of person 0 has no size"),
        ({"visible": np.zeros((2, 16), bool)}, "no joint is annotated"),
    ],
)
def test_inconsistent_ground_truth(changes, message):
    good = GroundTruth(
        np.ones((2, 16, 2)), np.ones((2, 16), bool), np.ones(2), source="x.mat"
    )
    with pytest.raises(UserError, match=message):
        replace(good, **changes)
