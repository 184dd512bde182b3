"""The training's accuracy, on peaks set by hand."""

import paddle
import pytest

from ppdet_hourglass.modeling.heatmap_accuracy import heatmap_accuracy

WIDTH, HEIGHT = 40, 60


def heatmaps(peaks, height=1.0):
    """One pixel (x, y) of each joint's heatmap is ``height``; none where it is None."""
    maps = paddle.zeros([len(peaks), len(peaks[0]), HEIGHT, WIDTH])
    for person, joints in enumerate(peaks):
        for joint, peak in enumerate(joints):
            if peak is not None:
                maps[person, joint, peak[1], peak[0]] = height
    return maps


def weights(*people):
    return paddle.to_tensor(people, dtype="float32").unsqueeze(-1)


def accuracy(found, wanted, weight):
    return float(heatmap_accuracy(heatmaps(found), heatmaps(wanted), weight))


@pytest.mark.parametrize(
    "peak, expected",
    [
        ((10, 20), 1.0),
        ((11, 20), 1.0),  # 1 / 40 of the width
        ((12, 20), 0.0),  # 2 / 40 = 0.05 is not below it
        ((10, 22), 1.0),  # 2 / 60 of the height
        ((10, 23), 0.0),
        ((11, 22), 1.0),  # hypot(1 / 40, 2 / 60) = 0.042
        (None, 0.0),
    ],
)
def test_a_joint_is_found_within_a_twentieth_of_the_size(peak, expected):
    assert accuracy([[peak]], [[(10, 20)]], weights([1])) == expected


def test_a_mean_over_the_kinds_of_joints_that_the_batch_has():
    # The first kind: one of two; the second: only the second person's, found; the
    # third: nobody's, although both answers are right.
    here, there = (10, 20), (30, 50)
    found = [[here, there, here], [here, here, here]]
    wanted = [[here, here, here], [there, here, here]]
    weight = weights([1, 0, 0], [1, 1, 0])
    assert accuracy(found, wanted, weight) == (0.5 + 1.0) / 2
    assert accuracy(found, wanted, weight * 0) == 0.0


def test_an_empty_heatmap_finds_nothing():
    assert accuracy([[None]], [[(0, 0)]], weights([1])) == 0.0


def test_half_precision_and_no_gradient():
    network = heatmaps([[(10, 20)]]).astype("float16")
    network.stop_gradient = False
    found = heatmap_accuracy(network, heatmaps([[(10, 20)]]), weights([1]))
    assert found.dtype == paddle.float32 and found.stop_gradient
    assert found.shape == [] and float(found) == 1.0
