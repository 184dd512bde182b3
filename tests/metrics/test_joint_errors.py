"""Error classes, by hand and against a second computation on MPII's predictions."""

import math

import numpy as np
import pytest
import scipy.io

from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.metrics.ground_truth import GroundTruth
from ppdet_hourglass.metrics.joint_errors import (
    CLASSES,
    OtherPeople,
    classify,
    repair_gains,
)
from ppdet_hourglass.metrics.pck import pck

MPII = read_keypoints("mpii")
NAMES = list(CLASSES)
LEFT, RIGHT, HEAD = (
    MPII.joints.index(n) for n in ("left_wrist", "right_wrist", "head_top")
)


def people(count: int) -> GroundTruth:
    """People 10,000 px apart, joints 1,000 px apart, head sizes of 100 px."""
    joints = np.zeros((count, 16, 2))
    joints[..., 0] = 1000 * np.arange(16)
    joints[..., 1] = 10_000 * np.arange(count)[:, None]
    visible = np.ones((count, 16), bool)
    return GroundTruth(joints, visible, np.full(count, 100.0), "test", MPII)


def class_of(truth, predictions, images, others=None):
    """Name of the first person's left wrist's class."""
    return NAMES[classify(predictions, truth, images, others)[0, LEFT]]


@pytest.mark.parametrize(
    "pixels, name",
    [(0, "good"), (10, "good"), (10.1, "jitter"), (50, "jitter"), (50.1, "miss")],
)
def test_thresholds_are_inclusive(pixels, name):
    truth = people(1)
    predictions = truth.joints.copy()
    predictions[0, LEFT, 1] += pixels
    assert class_of(truth, predictions, ["a"]) == name


@pytest.mark.parametrize("pixels, name", [(50, "inversion"), (50.1, "miss")])
def test_a_joint_on_its_mirror_is_an_inversion(pixels, name):
    truth = people(1)
    predictions = truth.joints.copy()
    predictions[0, LEFT] = predictions[0, RIGHT] + [0, pixels]
    assert class_of(truth, predictions, ["a"]) == name
    truth.visible[0, RIGHT] = False
    assert class_of(truth, predictions, ["a"]) == "miss"


def test_a_joint_on_somebody_else_in_the_image_is_a_swap():
    truth = people(3)
    predictions = truth.joints.copy()
    predictions[0, LEFT] = predictions[2, HEAD]
    assert class_of(truth, predictions, ["a", "b", "a"]) == "swap"
    assert class_of(truth, predictions, ["a", "a", "b"]) == "miss"
    truth.visible[2, HEAD] = False
    assert class_of(truth, predictions, ["a", "b", "a"]) == "miss"


def test_people_outside_the_split_can_be_swapped_with():
    truth = people(1)
    predictions = truth.joints.copy()
    predictions[0, LEFT] = [7000, 7000]
    others = OtherPeople(["a"], np.full((1, 16, 2), 7000.0), np.ones((1, 16), bool))
    assert class_of(truth, predictions, ["a"], others) == "swap"
    assert class_of(truth, predictions, ["b"], others) == "miss"


def test_inversion_comes_before_swap():
    truth = people(2)
    predictions = truth.joints.copy()
    predictions[0, LEFT] = predictions[0, RIGHT]
    truth.joints[1, HEAD] = truth.joints[0, RIGHT]
    assert class_of(truth, predictions, ["a", "a"]) == "inversion"


def test_what_is_not_annotated_has_no_class_and_costs_nothing():
    truth = people(1)
    truth.visible[0, LEFT] = False
    predictions = truth.joints.copy()
    predictions[0, LEFT] += 400
    predictions[0, RIGHT] += 400
    classes = classify(predictions, truth, ["a"])
    assert classes[0, LEFT] == -1
    # 13 joints are scored: all but the left wrist, pelvis and thorax
    assert repair_gains(classes, truth)["miss"] == pytest.approx((100 / 13, 100 / 13))


def one_class(own, mirrored, others):
    """A joint's class from its distances in head sizes, in plain Python."""
    if own <= 0.1:
        return "good"
    if own <= 0.5:
        return "jitter"
    if mirrored <= 0.5:
        return "inversion"
    return "swap" if min(others, default=math.inf) <= 0.5 else "miss"


def test_real_predictions(mpii):
    """Shares add up to 100 and agree with PCKh and with a second computation."""
    from ppdet_hourglass.data.people import read_people

    path = str(mpii / "annotations" / "mpii_gt_val.mat")
    truth = GroundTruth.from_mat(path)
    found = scipy.io.loadmat(path)["pos_pred_src"].transpose(2, 0, 1) - 1.0
    records = read_people(str(mpii / "annotations" / "mpii_val.json"), MPII)
    classes = classify(found, truth, records.images)
    gains = repair_gains(classes, truth)
    result = pck(found, truth)
    assert result.mean + sum(gain for gain, _ in gains.values()) == pytest.approx(100)
    strict = result.mean_strict + sum(gain for _, gain in gains.values())
    assert strict == pytest.approx(100)

    by_image = {}
    for person, image in enumerate(records.images):
        by_image.setdefault(image, []).append(person)
    mirror = {**dict(MPII.pairs), **{right: left for left, right in MPII.pairs}}
    joints, visible = truth.joints.tolist(), truth.visible.tolist()
    for person, image in enumerate(records.images):
        size = truth.sizes[person]
        for joint in range(16):
            if not visible[person][joint]:
                assert classes[person, joint] == -1
                continue
            place = found[person, joint].tolist()

            def away(other, index, place=place, size=size):
                known = visible[other][index]
                return math.dist(place, joints[other][index]) / size if known else 1e9

            beside = [
                away(other, index)
                for other in by_image[image]
                if other != person
                for index in range(16)
            ]
            mirrored = away(person, mirror.get(joint, joint))
            expected = one_class(away(person, joint), mirrored, beside)
            assert NAMES[classes[person, joint]] == expected, (person, joint)
