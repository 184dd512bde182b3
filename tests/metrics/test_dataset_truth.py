import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from ppdet_hourglass.data.annotations import read_annotations
from ppdet_hourglass.data.mpii.ground_truth_file import MAT_NAME
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.metrics.dataset_truth import is_withheld, mat_path, truth_of
from ppdet_hourglass.metrics.ground_truth import GroundTruth
from ppdet_hourglass.metrics.pck import pck
from tests.conftest import person

MPII = read_keypoints("mpii")


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
        heads = np.array([[[0.0, 0.0], [30.0, 40.0]]] * len(mat_rows))
        savemat(
            str(folder / MAT_NAME),
            {
                "pos_gt_src": joints.transpose(1, 2, 0),
                "jnt_missing": np.zeros((16, len(mat_rows)), np.uint8),
                "headboxes_src": heads.transpose(1, 2, 0),
            },
        )
    return read_annotations(str(path), 16, need_joints=False)


def test_the_mat_file_counts_where_there_is_one(tmp_path):
    truth = truth_of(write(tmp_path, 3, [0, 1, 2]), MPII)
    assert truth.source.endswith(MAT_NAME)
    assert truth.sizes.tolist() == [30.0] * 3  # 0.6 x diagonal 50
    assert truth.joints.shape == (3, 16, 2) and truth.visible.all()


def test_head_boxes_of_the_json_otherwise(tmp_path):
    truth = truth_of(write(tmp_path, 2, head_box=[10.0, 10.0, 13.0, 14.0]), MPII)
    assert truth.source.endswith("mpii_val.json")
    assert truth.sizes == pytest.approx([3.0, 3.0])  # 0.6 x diagonal 5
    assert truth.joints[1, 0].tolist() == [60.0, 30.0]


def test_never_from_neither(tmp_path):
    with pytest.raises(UserError) as error:
        truth_of(write(tmp_path, 2, head_box=None), MPII)
    path = tmp_path / "mpii_val.json"
    assert str(error.value) == (
        f"no ground truth for {path}: put mpii_gt_val.mat beside it, or give every "
        "record a 'head_box' [x1, y1, x2, y2] (1-based pixels)"
    )


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


def test_the_validation_mat_file_is_not_the_test_peoples(tmp_path):
    write(tmp_path, 3, [0, 1, 2])
    path = tmp_path / "mpii_test.json"
    path.write_text(json.dumps([person("9.jpg")]))
    truth = truth_of(read_annotations(str(path), 16, False), MPII)
    assert truth.source == str(path) and len(truth) == 1
    path.write_text(json.dumps([person("9.jpg", head_box=None)]))
    with pytest.raises(UserError, match="put mpii_gt_test.mat beside it"):
        truth_of(read_annotations(str(path), 16, False), MPII)


def test_withheld_joints(tmp_path):
    without_joints = {"joints": None, "joints_vis": None}
    people = write(tmp_path, 2, **without_joints)
    assert is_withheld(people)
    assert not is_withheld(write(tmp_path, 2))
    (tmp_path / MAT_NAME).touch()
    assert not is_withheld(people)


def test_some_records_without_joints(tmp_path):
    path = tmp_path / "mpii_val.json"
    path.write_text(json.dumps([person(), person(joints=None, joints_vis=None)]))
    people = read_annotations(str(path), 16, need_joints=False)
    assert not is_withheld(people)
    with pytest.raises(UserError) as error:
        truth_of(people, MPII)
    assert str(error.value) == (
        f"{path}: 1 of 2 records have no joints to evaluate with"
    )


def test_different_lengths(tmp_path):
    with pytest.raises(UserError) as error:
        truth_of(write(tmp_path, 3, [0, 1]), MPII)
    assert str(error.value) == (
        f"{tmp_path / MAT_NAME} describes 2 people, but {tmp_path / 'mpii_val.json'} "
        "3: they do not belong together"
    )


def test_another_order(tmp_path):
    with pytest.raises(UserError) as error:
        truth_of(write(tmp_path, 3, [0, 2, 1]), MPII)
    assert "person 1 is not the one of record 1" in str(error.value)
    assert "(image 1.jpg)" in str(error.value)


def test_real_pair(mpii):
    """A dozen joints differ in the public files; that must not count."""
    path = str(mpii / "annotations/mpii_val.json")
    assert len(truth_of(read_annotations(path, 16, True), MPII)) == 2958


def test_real_head_boxes_in_the_json(tmp_path, mpii):
    """The same figures, but for 13 joints of 10 people.

    There the public .mat file has 0 for a coordinate that MPII's own file, and the
    JSON made from it, give; its missing joints are the JSON's, all the same.
    """
    public = GroundTruth.from_mat(str(mpii / "annotations" / MAT_NAME))
    heads = loadmat(public.source)["headboxes_src"].transpose(2, 0, 1).reshape(-1, 4)
    predictions = loadmat(public.source)["pos_pred_src"].transpose(2, 0, 1) - 1
    records = json.loads((mpii / "annotations/mpii_val.json").read_text())
    for record, head in zip(records, heads):
        record["head_box"] = head.tolist()
    path = tmp_path / "mpii_val.json"
    path.write_text(json.dumps(records))
    ours = truth_of(read_annotations(str(path), 16, True), MPII)

    assert ours.source == str(path)
    assert np.array_equal(ours.visible, public.visible)
    assert np.array_equal(ours.sizes, public.sizes)
    distance = np.abs(ours.joints - public.joints)
    differs = (distance.max(axis=2) > 1e-3) & public.visible
    assert differs.sum() == 13 and differs.any(axis=1).sum() == 10
    assert np.all(public.joints[differs][distance[differs] > 1e-3] == 0)
    assert pck(predictions, public).mean == pytest.approx(82.3367, abs=1e-4)
    assert pck(predictions, ours).mean == pytest.approx(82.3367, abs=0.03)
    same = public.visible & ~differs
    results = [
        pck(predictions, replace(truth, visible=same)) for truth in (public, ours)
    ]
    assert results[0].per_joint == results[1].per_joint
    assert results[0].mean == results[1].mean
    assert results[0].mean_strict == results[1].mean_strict
