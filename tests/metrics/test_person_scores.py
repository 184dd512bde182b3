import numpy as np
import pytest

from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.metrics.ground_truth import GroundTruth
from ppdet_hourglass.metrics.person_scores import person_scores

MPII = read_keypoints("mpii")
WRIST, PELVIS = MPII.joints.index("left_wrist"), MPII.joints.index("pelvis")


def truth(visible):
    """Joints at (1, 1) in 1-based pixels and head sizes of 100 px."""
    return GroundTruth(
        joints=np.ones((*visible.shape, 2)),
        visible=visible,
        sizes=np.full(len(visible), 100.0),
        source="test",
        keypoints=MPII,
    )


def test_pelvis_and_thorax_do_not_count():
    predictions = np.zeros((1, 16, 2))
    predictions[0, PELVIS] = 999.0
    scores = person_scores(predictions, truth(np.ones((1, 16), bool)))
    assert scores.counted.tolist() == scores.found.tolist() == [14]
    assert not scores.wrong.any() and scores.mean_errors.tolist() == [0]


@pytest.mark.parametrize("pixels, found", [(50.0, 14), (50.01, 13)])
def test_the_threshold_is_half_a_head_size_inclusive(pixels, found):
    predictions = np.zeros((1, 16, 2))
    predictions[0, WRIST, 0] = pixels
    scores = person_scores(predictions, truth(np.ones((1, 16), bool)))
    assert scores.found.tolist() == [found]
    assert scores.wrong[0, WRIST] == (found == 13)
    assert scores.mean_errors[0] == pytest.approx(pixels / 100 / 14)


def test_what_is_not_annotated_does_not_count():
    visible = np.ones((2, 16), bool)
    visible[0, WRIST] = False
    visible[1] = False
    scores = person_scores(np.full((2, 16, 2), 60.0), truth(visible))
    assert scores.counted.tolist() == [13, 0] and scores.found.tolist() == [0, 0]
    assert scores.wrong.sum(axis=1).tolist() == [13, 0]
    assert scores.mean_errors[0] == pytest.approx(0.6 * 2**0.5)
    assert np.isnan(scores.mean_errors[1])


def test_worst_first():
    """By the share, not the number; then by the error; unscored people last."""
    visible = np.ones((5, 16), bool)
    visible[1, :8] = False  # 8 joints count
    visible[2] = False
    predictions = np.zeros((5, 16, 2))
    predictions[0, WRIST] = 400.0  # 13 of 14
    predictions[1, WRIST] = 400.0  # fewer found, and a smaller share
    predictions[3, WRIST] = 900.0  # 13 of 14, further off
    scores = person_scores(predictions, truth(visible))
    assert scores.counted.tolist() == [14, 8, 0, 14, 14]
    assert scores.worst_first().tolist() == [1, 3, 0, 4, 2]


def test_equal_scores_stay_in_order():
    scores = person_scores(np.zeros((4, 16, 2)), truth(np.ones((4, 16), bool)))
    assert scores.worst_first().tolist() == [0, 1, 2, 3]


def test_the_published_predictions_give_the_published_mean(mpii):
    from scipy.io import loadmat

    path = str(mpii / "annotations/mpii_gt_val.mat")
    predictions = loadmat(path)["pos_pred_src"].transpose(2, 0, 1) - 1
    scores = person_scores(predictions, GroundTruth.from_mat(path))
    share = scores.found.sum() / scores.counted.sum()
    assert 100 * share == pytest.approx(82.3367, abs=1e-3)
