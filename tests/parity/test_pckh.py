"""PCKh, explained to the last sample.

mmpose counts a joint whose error is below the threshold, the published reproduction
and this project also one whose error equals it.  mmpose keeps errors in float32, so
that an error within ``ROUNDING`` of the threshold may fall on either side.
"""

from dataclasses import replace

import numpy as np
import pytest

from ppdet_hourglass.data.people import read_people
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.metrics.ground_truth import GroundTruth, head_sizes
from ppdet_hourglass.metrics.pck import normalised_errors, pck

from .inputs import (
    THRESHOLDS,
    UNSEEN_JOINT,
    people_to_score,
    predictions_to_score,
)
from .tolerances import TABLE

#: Relative; float32 resolves 6e-8.
ROUNDING = 2e-7

JOINTS_OF = {
    "Head": [9],
    "Shoulder": [12, 13],
    "Elbow": [11, 14],
    "Wrist": [10, 15],
    "Hip": [2, 3],
    "Knee": [1, 4],
    "Ankle": [0, 5],
}


def unpacked(theirs, visible):
    """(T, N, K) joints that mmpose counts."""
    shape = (len(THRESHOLDS), *visible.shape)
    bits = np.unpackbits(theirs["found"])[: np.prod(shape)]
    return bits.reshape(shape).astype(bool)


def ours(predictions, truth):
    """(N, K) errors in head sizes and (T, N, K) joints that this project counts."""
    errors = normalised_errors(predictions, truth)
    limits = np.array(THRESHOLDS)[:, None, None]
    return errors, (errors <= limits) & truth.visible


def figures(found, visible):
    """The table's figures from (T, N, K) counted joints, by hand."""
    count = visible.sum(axis=0)
    rates = 100 * found.sum(axis=1) / np.maximum(count, 1)
    scored = np.where(np.isin(np.arange(16), [6, 7]), 0, count)
    means = (rates * scored).sum(axis=1) / scored.sum()
    table = {}
    for name, joints in JOINTS_OF.items():
        seen = [joint for joint in joints if count[joint]]
        table[name] = rates[0, seen].mean()
    return {**table, "Mean": means[0], "Mean@0.1": means[1]}


def check(predictions, truth, theirs, deviation):
    """Every sample that differs lies at a threshold.

    Returns their number, and our figures with those samples counted as mmpose does.
    """
    errors, found = ours(predictions, truth)
    limits = np.array(THRESHOLDS)[:, None, None]
    at_threshold = np.abs(errors - limits) <= ROUNDING * limits
    their_found = unpacked(theirs, truth.visible)
    differs = found != their_found
    deviation(TABLE["pckh"], (differs & ~at_threshold).sum())
    result = pck(predictions, truth).figures()
    for name, figure in figures(found, truth.visible).items():
        assert result[name] == pytest.approx(figure, abs=1e-9), name
    explained = figures(np.where(differs, their_found, found), truth.visible)
    return differs.sum(), explained


@pytest.mark.parametrize("kind", ["random", "adversarial"])
def test_made_up_people(reference, deviation, kind):
    people = people_to_score(seed=0)
    truth = GroundTruth(
        joints=people["joints"] - 1,
        visible=people["visible"],
        sizes=head_sizes(people["boxes"]),
        source="made up",
    )
    predictions = predictions_to_score(kind, people, seed=1)
    theirs = reference("pckh", f"{kind}/")
    differ, explained = check(predictions, truth, theirs, deviation)
    assert (differ > 100) == (kind == "adversarial")
    for name, figure in explained.items():
        if UNSEEN_JOINT not in JOINTS_OF.get(name, ()):
            assert figure == pytest.approx(theirs[name], abs=1e-5), name
    # A joint that nobody has is -100 % to mmpose, and unknown here.
    right, left = JOINTS_OF["Wrist"]
    assert theirs["per_joint"][0, right] == -1
    expected = 0.5 * (-100 + 100 * theirs["per_joint"][0, left])
    assert theirs["Wrist"] == pytest.approx(expected)


def test_predictions_of_mpii(mpii, reference, deviation):
    """mmpose scores against the JSON's joints in float32, this project the .mat's.

    Thirteen joints lie elsewhere in the JSON, by up to 571 pixels.
    """
    from scipy.io import loadmat

    theirs = reference("pckh_mpii")
    path = mpii / "annotations/mpii_gt_val.mat"
    truth = GroundTruth.from_mat(str(path))
    predictions = loadmat(str(path))["pos_pred_src"].transpose(2, 0, 1) - 1.0
    annotations = str(mpii / "annotations/mpii_val.json")
    people = read_people(annotations, read_keypoints("mpii"))
    joints = (people.joints + 1).astype(np.float32).astype(np.float64) - 1
    same_truth = replace(truth, joints=joints, visible=people.visible > 0)
    differ, explained = check(predictions, same_truth, theirs, deviation)
    assert differ == 0
    for name, figure in explained.items():
        assert figure == pytest.approx(theirs[name], abs=1e-5), name

    assert np.array_equal(same_truth.visible, truth.visible)
    apart = np.linalg.norm(joints - truth.joints, axis=2)
    moved = truth.visible & (apart > 0.5)
    assert moved.sum() == 13 and apart[truth.visible & ~moved].max() < 1e-3
    differs = ours(predictions, truth)[1] != ours(predictions, same_truth)[1]
    assert differs.sum(axis=(1, 2)).tolist() == [7, 6]
    assert not (differs & ~moved).any()
