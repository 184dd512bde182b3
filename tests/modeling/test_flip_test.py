import paddle

from ppdet_hourglass.keypoints import FLIP_ORDER, FLIP_PAIRS, JOINT_NAMES
from ppdet_hourglass.modeling.flip_test import flip_back


def test_mirrors_pixels_and_swaps_joints():
    heatmaps = paddle.to_tensor([[[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]]]])
    back = flip_back(heatmaps, [1, 0], shift=False)
    assert back.numpy().tolist() == [[[[6, 5, 4]], [[3, 2, 1]]]]


def test_shift_moves_to_the_right_and_keeps_the_first_column():
    heatmaps = paddle.to_tensor([[[[1.0, 2.0, 3.0]]]])
    assert flip_back(heatmaps, [0], shift=True).numpy().tolist() == [[[[3, 3, 2]]]]


def test_flip_order_is_what_the_pairs_say():
    assert [JOINT_NAMES[i] for i in FLIP_ORDER[:3]] == [
        "left_ankle",
        "left_knee",
        "left_hip",
    ]
    order = list(range(16))
    for a, b in FLIP_PAIRS:
        order[a], order[b] = order[b], order[a]
    assert order == FLIP_ORDER
