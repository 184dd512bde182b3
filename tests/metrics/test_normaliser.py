import logging

import numpy as np
import pytest

from ppdet_hourglass.data.annotations import Annotations
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.metrics.dataset_truth import truth_of
from ppdet_hourglass.metrics.normaliser import head_sizes, torso_lengths
from ppdet_hourglass.metrics.pck import pck

LSP = read_keypoints("lsp")
SHOULDER, HIP = LSP.joints.index("left_shoulder"), LSP.joints.index("right_hip")


def people(keypoints, count=2, scale=0.5):
    """Joints at (1, 1) but the torso's: 30 px apart in x, 40 in y."""
    joints = np.ones((count, len(keypoints), 2))
    if keypoints is LSP:
        joints[:, SHOULDER] = [31.0, 41.0]
    return Annotations(
        path="test.json",
        images=["1.jpg"] * count,
        centers=np.ones((count, 2)),
        scales=np.full(count, scale),
        joints=joints,
        visible=np.ones((count, len(keypoints))),
        head_boxes=None,
    )


def test_lengths_by_hand():
    boxes = np.array([[[10.0, 10.0], [13.0, 14.0]]])
    assert head_sizes(boxes) == pytest.approx([3.0])  # 0.6 x 5
    joints = np.array([[[0.0, 0.0], [3.0, 4.0]]] * 3)
    joints[2, 1] = 0
    visible = np.array([[True, True], [True, False], [True, True]])
    lengths = torso_lengths(joints, visible, (0, 1))
    assert lengths[0] == 5 and np.isnan(lengths[1:]).all()


def test_errors_are_measured_in_torsos():
    truth = truth_of(people(LSP), LSP)
    assert truth.sizes.tolist() == [50.0, 50.0]
    predictions = truth.joints - 1
    predictions[:, :, 0] += 10.0  # 0.2 torsos
    result = pck(predictions, truth)
    assert (result.mean, result.mean_strict) == (100.0, 0.0)
    assert list(result.figures())[-2] == "Mean@0.1"
    assert pck(predictions + [0.001, 0], truth).mean == 0.0


def test_people_without_a_torso_are_not_counted(caplog):
    some = people(LSP, count=3)
    some.visible[1, HIP] = 0
    with caplog.at_level(logging.WARNING):
        truth = truth_of(some, LSP)
    assert caplog.messages == [
        "test.json: 1 of 3 people have no torso annotated and are not counted"
    ]
    predictions = truth.joints - 1
    predictions[1] += 1000.0
    assert pck(predictions, truth).mean == 100.0


def test_errors_are_measured_in_boxes():
    coco = read_keypoints("coco")
    truth = truth_of(people(coco, scale=0.5), coco)
    assert truth.sizes.tolist() == [100.0, 100.0]  # 0.5 x 200 px
    predictions = truth.joints - 1
    predictions[:, 0, 1] = 20.0  # the nose: 0.2 boxes off
    result = pck(predictions, truth)
    assert result.mean == 100.0
    assert result.mean_strict == pytest.approx(100 * 16 / 17)
    assert "Mean@0.05" in result.figures()
    assert result.per_joint["nose"] == 100.0 and result.per_joint["eye"] == 100.0
