import numpy as np

from ppdet_hourglass.modeling.peaks import argmax_joints, dark_offset, quarter_offset


def test_quarter_offset_by_hand():
    heatmaps = np.zeros((1, 1, 6, 8), np.float32)
    heatmaps[0, 0, 3, 4] = 1.0
    heatmaps[0, 0, 3, 5] = 0.5  # to the right
    heatmaps[0, 0, 2, 4] = 0.4  # and up
    coords, scores = argmax_joints(heatmaps)
    assert coords.tolist() == [[[4, 3]]] and scores.tolist() == [[1]]
    assert quarter_offset(heatmaps, coords).tolist() == [[[4.25, 2.75]]]


def test_quarter_offset_leaves_the_border_alone():
    heatmaps = np.zeros((1, 2, 6, 8), np.float32)
    heatmaps[0, 0, 1, 4], heatmaps[0, 0, 2, 4] = 1.0, 0.5
    heatmaps[0, 1, 3, 7], heatmaps[0, 1, 3, 6] = 1.0, 0.5
    coords, _ = argmax_joints(heatmaps)
    assert quarter_offset(heatmaps, coords).tolist() == [[[4, 1], [7, 3]]]


def test_dark_finds_the_top_of_a_gaussian():
    y, x = np.mgrid[:32, :32]
    heatmap = np.exp(-((x - 14.3) ** 2 + (y - 17.8) ** 2) / 8).astype(np.float32)
    coords, _ = argmax_joints(heatmap[None, None])
    refined = dark_offset(heatmap[None, None], coords)
    assert np.abs(refined[0, 0] - [14.3, 17.8]).max() < 0.01
