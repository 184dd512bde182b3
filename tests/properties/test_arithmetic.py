"""What must hold for any joints, crops, boxes and predictions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ppdet_hourglass.data.crop import crops_of_boxes, crops_of_people, people_of_crops
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.metrics.ground_truth import GroundTruth
from ppdet_hourglass.metrics.pck import pck
from ppdet_hourglass.modeling.codec import HeatmapCodec, flip_back, to_image
from ppdet_hourglass.predict.smoothing import overlaps

from ..modeling.oracle import numpy_targets

MPII = read_keypoints("mpii")
K = len(MPII)


def floats(low, high):
    return st.floats(low, high, allow_nan=False)


def column(rows, low, high):
    return arrays(np.float64, rows, elements=floats(low, high))


def table(rows, columns, low, high):
    return arrays(np.float64, (rows, columns), elements=floats(low, high))


#: x, y, width, height.
BOXES = st.tuples(*[floats(-1e4, 1e4)] * 2, *[floats(1, 1e4)] * 2)


@pytest.mark.parametrize("decoder, pixels", [("quarter", 3.0), ("dark", 2.6)])
@given(joints=table(K, 2, 0, 252))
def test_joints_survive_their_heatmaps(decoder, pixels, joints):
    """Encoding rounds a joint to a heatmap pixel, 4 px: at most 2 px lost.

    The quarter offset adds up to 1 px, since a symmetric bump has no slope.
    """
    codec = HeatmapCodec(decoder=decoder)
    targets, weights = numpy_targets(joints[None], np.ones((1, K)), (4, 4), (64, 64))
    center, scale = np.full((1, 2), 128.0), np.full((1, 2), 1.28)
    decoded, scores = codec.decode(targets, center, scale)
    assert np.abs(decoded[0] - joints).max() < pixels
    assert (weights == 1).all() and scores == pytest.approx(1)


@given(centers=table(3, 2, -1e4, 1e4), scales=column(3, 0.01, 50))
def test_a_crop_tells_its_person(centers, scales):
    found = people_of_crops(*crops_of_people(centers, scales))
    assert found[0] == pytest.approx(centers, abs=1e-6)
    assert found[1] == pytest.approx(scales)


@given(box=BOXES, size=st.sampled_from([(256, 256), (192, 256), (384, 288)]))
def test_a_crop_shows_its_whole_box(box, size):
    centers, scales = crops_of_boxes(np.array([box]), size[0] / size[1])
    corners = np.array([[[0, 0], size]], float)
    (low, high) = to_image(corners, centers, scales, size)[0]
    assert (low <= box[:2]).all() and (high >= np.add(box[:2], box[2:])).all()


@given(
    heatmaps=arrays(np.float32, (2, 4, 5, 6), elements=st.floats(-9, 9, width=32)),
    pairs=st.sampled_from([[0, 1, 2, 3], [1, 0, 2, 3], [3, 2, 1, 0]]),
)
def test_mirroring_twice_changes_nothing(heatmaps, pairs):
    twice = flip_back(flip_back(heatmaps, pairs, False), pairs, False)
    assert np.array_equal(twice, heatmaps)


@given(
    joints=table(3 * K, 2, 1, 999),
    errors=table(3 * K, 2, -200, 200),
    visible=arrays(bool, (3, K)).filter(np.any),
    sizes=column(3, 0.1, 500),
)
def test_pck_is_a_percentage_that_rises_with_the_threshold(
    joints, errors, visible, sizes
):
    joints = joints.reshape(3, K, 2)
    predictions = joints + errors.reshape(3, K, 2)
    truth = GroundTruth(joints, visible, sizes, "test", MPII)
    result = pck(predictions, truth)
    figures = np.array(list(result.figures().values()))
    known = figures[~np.isnan(figures)]
    assert ((known >= 0) & (known <= 100)).all()
    easier = pck(predictions, replace(truth, sizes=2 * sizes))
    assert all(
        np.isnan(figure) or figure <= easier.figures()[name]
        for name, figure in result.figures().items()
    )
    if truth.scored.any():
        assert result.mean_strict <= result.mean
        assert result.auc <= result.mean + 1e-9  # a mean of 51 figures


@given(boxes=st.lists(BOXES, min_size=1, max_size=4))
def test_overlaps_are_shares(boxes):
    boxes = np.array(boxes)
    shares = overlaps(boxes, boxes)
    assert ((shares >= 0) & (shares <= 1 + 1e-9)).all()
    assert shares == pytest.approx(shares.T) and np.diag(shares) == pytest.approx(1)
