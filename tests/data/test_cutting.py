from types import SimpleNamespace

import numpy as np
import pytest

from ppdet_hourglass.data.cutting import (
    OVERSAMPLING,
    crops_of,
    reach,
    region,
    shrunk_size,
    to_cut,
)


def augmentation(**changes):
    options = {"rot": 40, "scale": 0.5, "aspect_ratio": 1.0, "prob_half_body": 0.0}
    return SimpleNamespace(**{**options, "upper_body_ids": [0, 1], **changes})


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, (2.121, 2.121)),  # 1.5 x the diagonal: angles reach beyond 45 degrees
        ({"rot": 0}, (1.5, 1.5)),
        ({"rot": 10, "scale": 0.1}, (1.41, 1.41)),  # 1.1 (cos 20 + sin 20)
        ({"rot": 0, "scale": 0, "aspect_ratio": 0.75}, (1.0, 1.333)),
        ({"scale": 0, "aspect_ratio": 0.75}, (1.667, 1.667)),  # a diagonal of 5 / 3
    ],
)
def test_reach(changes, expected):
    assert reach(augmentation(**changes)) == pytest.approx(expected, abs=1e-3)


def test_crops_of_a_whole_and_of_half_a_body():
    joints = np.array([[10, 10], [30, 20], [10, 50], [20, 90], [99, 99]])
    visible = np.array([1, 1, 1, 1, 0])
    person = np.array([20, 50]), np.array([0.5, 0.5]), joints, visible
    (whole,) = crops_of(*person, augmentation())
    assert whole[0].tolist() == [20, 50] and whole[1] == 100
    crops = crops_of(*person, augmentation(prob_half_body=0.3))
    assert [center.tolist() for center, _ in crops] == [[20, 50], [20, 15], [15, 70]]
    assert [width for _, width in crops] == [100, 30, 60]  # 1.5 x 20, and x 40


def test_region():
    crops = [(np.array([100, 60]), 50.0)]
    assert region(crops, (2, 2), (400, 300)).tolist() == [48, 8, 153, 113]
    assert region(crops, (2, 2), (120, 90)).tolist() == [48, 8, 120, 90]
    wider = [*crops, (np.array([10, 60]), 4.0)]
    assert region(wider, (2, 2), (400, 300)).tolist() == [4, 8, 153, 113]
    outside = [(np.array([-500, -500]), 50.0)]
    assert region(outside, (2, 2), (400, 300)).tolist() == [0, 0, 1, 1]


def test_a_region_is_shrunk_but_never_enlarged():
    box = np.array([100, 50, 500, 250])
    crop_width = 2 * 256 * OVERSAMPLING
    assert shrunk_size(box, crop_width, 256) == (200, 100)
    assert shrunk_size(box, crop_width / 2 - 1, 256) == (400, 200)


def test_pixels_of_the_cut():
    matrix = to_cut(np.array([100, 50, 500, 250]), (200, 100))
    left_top = matrix @ [100.5, 50.5, 1]  # between the first two pixels
    assert left_top.tolist() == [0, 0, 1]
    assert (matrix @ [498.5, 248.5, 1]).tolist() == [199, 99, 1]
