import subprocess
import sys

import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.metrics.pck import GroundTruth, PCKResult, pck, person_scores
from ppdet_hourglass.sample.person import JOINT_NAMES

K = len(JOINT_NAMES)


def truth(people=2, head=100.0, visible=None):
    """Joints at (0, 0)."""
    return GroundTruth(
        joints=np.zeros((people, K, 2)),
        visible=np.ones((people, K), bool) if visible is None else visible,
        sizes=np.full(people, head),
        source="test",
    )


def test_table_of_the_published_predictions(mpii):
    from scipy.io import loadmat

    path = str(mpii / "annotations/mpii_gt_val.mat")
    predictions = loadmat(path)["pos_pred_src"].transpose(2, 0, 1) - 1
    result = pck(predictions, GroundTruth.from_mat(path))
    assert result.mean == pytest.approx(82.3367, abs=1e-3)
    assert result.mean_strict == pytest.approx(28.9748, abs=1e-3)
    rounded = {name: round(value, 2) for name, value in result.per_joint.items()}
    expected = [95.60, 92.71, 83.36, 76.74, 81.93, 73.36, 65.45]
    names = ["Head", "Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle"]
    assert rounded == pytest.approx(dict(zip(names, expected)), abs=0.0051)
    scores = person_scores(predictions, GroundTruth.from_mat(path))
    share = scores.found.sum() / scores.counted.sum()
    assert 100 * share == pytest.approx(result.mean)


@pytest.mark.parametrize(
    "pixels, mean, strict",
    [(10.0, 100, 100), (10.001, 100, 0), (50.0, 100, 0), (50.001, 0, 0)],
)
def test_thresholds_are_inclusive_and_a_tenth_is_a_tenth(pixels, mean, strict):
    predictions = np.zeros((1, K, 2))  # 0-based: right
    predictions[..., 0] = pixels
    result = pck(predictions, truth(people=1))
    assert (result.mean, result.mean_strict) == (mean, strict)


def test_mean_weights_joints_by_annotations_and_leaves_the_trunk_out():
    visible = np.zeros((4, K), bool)
    visible[:, JOINT_NAMES.index("head_top")] = True  # four heads, all found
    visible[0, JOINT_NAMES.index("left_knee")] = True  # one knee, missed
    visible[:, JOINT_NAMES.index("pelvis")] = True  # missed, not counted
    visible[:, JOINT_NAMES.index("thorax")] = True
    predictions = np.full((4, K, 2), 1e6)
    predictions[:, JOINT_NAMES.index("head_top")] = 0
    result = pck(predictions, truth(4, visible=visible))
    assert result.mean == pytest.approx(100 * 4 / 5)
    assert result.per_joint["Head"] == 100 and result.per_joint["Knee"] == 0
    assert np.isnan(result.per_joint["Ankle"])


def test_both_sides_count_the_same():
    visible = np.ones((2, K), bool)
    visible[1, JOINT_NAMES.index("left_wrist")] = False
    predictions = np.zeros((2, K, 2))
    predictions[:, JOINT_NAMES.index("left_wrist")] = 1e6
    result = pck(predictions, truth(2, visible=visible))
    assert result.per_joint["Wrist"] == 50.0  # not 200 / 3


def test_area_under_the_curve_by_hand():
    # An error of 0.25 head sizes is found at 26 (0.25 ... 0.50) of 51 thresholds.
    predictions = np.zeros((1, K, 2))
    predictions[..., 1] = 25.0
    assert pck(predictions, truth(1)).auc == pytest.approx(100 * 26 / 51)


@pytest.mark.parametrize("shape", [(1, K, 2), (2, K - 1, 2), (2, K)])
def test_wrong_shape(shape):
    with pytest.raises(UserError) as error:
        pck(np.zeros(shape), truth())
    assert str(error.value) == (
        "predictions must have shape (2, 16, 2) (people, joints, 2) for test, "
        f"but have {shape}"
    )


def test_a_prediction_that_is_not_finite_names_the_person():
    predictions = np.zeros((3, K, 2))
    predictions[2, 5, 1] = np.nan
    with pytest.raises(UserError, match="prediction of person 2 is not finite"):
        pck(predictions, truth(3))


def test_unknown_positions_of_missing_joints_do_not_matter():
    visible = np.ones((1, K), bool)
    visible[0, 3] = False
    unknown = np.zeros((1, K, 2))
    unknown[0, 3] = np.nan
    known = GroundTruth(unknown, visible, np.ones(1), "test")
    assert pck(np.zeros((1, K, 2)), known).mean == 100.0


def test_line_and_table():
    result = PCKResult({"Head": 96.6584, "Ankle": 79.878}, 88.717, 32.108, 60.0)
    assert result.line() == (
        "[EVAL] AUC=60.000 Ankle=79.878 Head=96.658 Mean=88.717 Mean@0.1=32.108"
    )
    assert str(result).splitlines() == [
        "|    Head |   Ankle |    Mean | Mean@0.1 |     AUC |",
        "|---------|---------|---------|----------|---------|",
        "|  96.658 |  79.878 |  88.717 |   32.108 |  60.000 |",
    ]
    with pytest.raises(AttributeError):
        result.mean = 100.0


def test_neither_the_package_nor_the_arithmetic_imports_paddle():
    code = (
        "import sys, ppdet_hourglass, ppdet_hourglass.metrics.pck\n"
        "print({'paddle', 'ppdet'} & {*sys.modules})"
    )
    out = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=1)
    assert out.stdout == b"set()\n", out.stderr.decode()


@pytest.mark.parametrize("pixels, found", [(50.0, 14), (50.01, 13)])
def test_scores_of_a_person(pixels, found):
    """Pelvis and thorax do not count; the threshold is inclusive."""
    predictions = np.zeros((1, K, 2))
    predictions[0, JOINT_NAMES.index("pelvis")] = 999.0
    wrist = JOINT_NAMES.index("left_wrist")
    predictions[0, wrist, 0] = pixels
    scores = person_scores(predictions, truth(1))
    assert scores.counted.tolist() == [14] and scores.found.tolist() == [found]
    assert np.flatnonzero(scores.wrong[0]).tolist() == [wrist] * (14 - found)
    assert scores.mean_errors[0] == pytest.approx(pixels / 100 / 14)


def test_scores_of_joints_that_are_not_annotated():
    visible = np.ones((2, K), bool)
    visible[0, JOINT_NAMES.index("left_wrist")] = False
    visible[1] = False
    scores = person_scores(np.full((2, K, 2), 60.0), truth(visible=visible))
    assert scores.counted.tolist() == [13, 0] and scores.found.tolist() == [0, 0]
    assert scores.wrong.sum(axis=1).tolist() == [13, 0]
    assert scores.mean_errors[0] == pytest.approx(0.6 * 2**0.5)
    assert np.isnan(scores.mean_errors[1])


def test_worst_first():
    """By the share, not the number; then by the error, the order; unscored last."""
    visible = np.ones((6, K), bool)
    visible[1, :8] = False  # 8 joints count
    visible[2] = False
    predictions = np.zeros((6, K, 2))
    wrist = JOINT_NAMES.index("left_wrist")
    predictions[0, wrist] = 400.0  # 13 of 14
    predictions[1, wrist] = 400.0  # fewer found, and a smaller share
    predictions[3, wrist] = 900.0  # 13 of 14, further off
    scores = person_scores(predictions, truth(6, visible=visible))
    assert scores.counted.tolist() == [14, 8, 0, 14, 14, 14]
    assert scores.worst_first().tolist() == [1, 3, 0, 4, 5, 2]
