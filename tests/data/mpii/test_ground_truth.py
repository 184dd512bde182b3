import numpy as np
import pytest
from scipy.io import loadmat, savemat

from ppdet_hourglass.data.mpii.mat_file import (
    read_ground_truth,
    write_ground_truth,
)
from ppdet_hourglass.metrics.ground_truth import GroundTruth

from ...conftest import refused

JOINTS = np.arange(3 * 16 * 2.0).reshape(3, 16, 2) + 0.0625
HEADS = np.array([[40.0, 20.0, 70.0, 60.0]] * 2 + [[1.0, 2.0, 4.0, 6.0]])


def write(path):
    annotated = np.ones((3, 16), bool)
    annotated[1, 5] = False
    joints = np.where(annotated[..., None], JOINTS, np.nan)
    write_ground_truth(str(path), joints, annotated, HEADS)
    return loadmat(str(path))


def test_it_is_read_back(tmp_path):
    write(tmp_path / "gt.mat")
    truth = GroundTruth.from_mat(str(tmp_path / "gt.mat"))
    assert np.array_equal(truth.joints[truth.visible], JOINTS[truth.visible] - 1)
    assert np.argwhere(~truth.visible).tolist() == [[1, 5]]
    assert truth.joints[1, 5].tolist() == [-1.0, -1.0]
    assert truth.sizes.tolist() == [30.0, 30.0, 3.0]  # 0.6 x 50, 50, 5


def test_variables_are_those_of_the_real_file(tmp_path, mpii):
    written = write(tmp_path / "gt.mat")
    real = loadmat(str(mpii / "annotations/mpii_gt_val.mat"))
    for name in ("pos_gt_src", "jnt_missing", "headboxes_src"):
        assert written[name].dtype == real[name].dtype
        assert written[name].shape == (*real[name].shape[:-1], 3)
    for short in zip(written["dataset_joints"][0], real["dataset_joints"][0]):
        assert str(short[0][0]) == str(short[1][0])


ZEROS = {"pos_gt_src": np.zeros((16, 2)), "jnt_missing": 0, "headboxes_src": 0}


@pytest.mark.parametrize(
    "variables, problem",
    [
        ({"pos_gt_src": 0}, " lacks the variable(s) jnt_missing, headboxes_src"),
        # MATLAB drops a last dimension of 1
        (
            {**ZEROS, "pos_gt_src": np.full((16, 2, 3), "a", object)},
            ": pos_gt_src must hold numbers, but is of type object",
        ),
        (ZEROS, ": pos_gt_src must have 3 dimensions, but has shape (16, 2)"),
    ],
)
def test_wrong_variables(tmp_path, variables, problem):
    path = str(tmp_path / "x.mat")
    assert refused(read_ground_truth, path) == f"ground truth {path} does not exist"
    savemat(path, variables)
    assert refused(read_ground_truth, path) == f"{path}{problem}"
