import paddle

from ppdet_hourglass.modeling.flip_test import flip_back


def test_mirrors_pixels_and_swaps_joints():
    heatmaps = paddle.to_tensor([[[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]]]])
    back = flip_back(heatmaps, [1, 0], shift=False)
    assert back.numpy().tolist() == [[[[6, 5, 4]], [[3, 2, 1]]]]


def test_shift_moves_to_the_right_and_keeps_the_first_column():
    heatmaps = paddle.to_tensor([[[[1.0, 2.0, 3.0]]]])
    assert flip_back(heatmaps, [0], shift=True).numpy().tolist() == [[[[3, 3, 2]]]]
