import numpy as np
import pytest

from ppdet_hourglass.metrics.pck import paired_difference


def test_equal_results_differ_by_nothing():
    found = np.array([3, 5, 0])
    difference = paired_difference(found, found, np.array([5, 5, 5]))
    assert (difference.points, difference.low, difference.high) == (0, 0, 0)


def test_the_difference_weights_people_by_their_joints():
    # 2 of 10 joints more, 1 of 30 joints fewer: 1 of 40
    difference = paired_difference(
        np.array([5, 20]), np.array([7, 19]), np.array([10, 30])
    )
    assert difference.points == pytest.approx(2.5)
    assert difference.low == pytest.approx(-100 / 30)
    assert difference.high == pytest.approx(20)


def test_the_interval_is_that_of_a_binomial():
    """Each person gains a joint with probability 0.2: 20 +- 1.96 * sqrt(16/1000)."""
    gained = (np.arange(1000) % 5 == 0).astype(int)
    difference = paired_difference(0 * gained, gained, np.ones(1000, int))
    assert difference.points == pytest.approx(20)
    half = 100 * 1.96 * (0.2 * 0.8 / 1000) ** 0.5
    assert difference.low == pytest.approx(20 - half, abs=0.15)
    assert difference.high == pytest.approx(20 + half, abs=0.15)
