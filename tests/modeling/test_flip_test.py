import numpy as np

from ppdet_hourglass.modeling.flip_test import flip_back, with_mirrored


def test_mirrors_pixels_and_swaps_joints():
    heatmaps = np.array([[[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]]]])
    back = flip_back(heatmaps, [1, 0], shift=False)
    assert back.tolist() == [[[[6, 5, 4]], [[3, 2, 1]]]]


def test_shift_moves_to_the_right_and_keeps_the_first_column():
    heatmaps = np.array([[[[1.0, 2.0, 3.0]]]])
    assert flip_back(heatmaps, [0], shift=True).tolist() == [[[[3, 3, 2]]]]


def test_averages_and_leaves_its_input_alone():
    plain = np.array([[[[1.0, 0.0, 3.0]]]], np.float32)
    mirrored = np.array([[[[1.0, 2.0, 5.0]]]], np.float32)
    mean = with_mirrored(plain, mirrored, [0], shift=False)
    assert mean.tolist() == [[[[3, 1, 2]]]] and mean.dtype == np.float32
    assert plain.tolist() == [[[[1, 0, 3]]]]
