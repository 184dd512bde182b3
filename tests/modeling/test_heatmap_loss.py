import paddle
import pytest

from ppdet_hourglass.modeling.heatmap_loss import HeatmapLoss, heatmap_accuracy

WIDTH, HEIGHT = 40, 60


def tensors(people=2, joints=2):
    heatmaps = paddle.zeros([people, joints, 4, 4])
    return heatmaps, heatmaps + 3.0, paddle.ones([people, joints, 1])


def test_mean_over_everything_for_each_stack():
    # Targets are 3 and answers 0 and 1: errors 9 and 4.  One of the four joints
    # is missing: it counts in the mean with nothing.
    heatmaps, target, weight = tensors()
    weight[0, 1] = 0.0
    losses = HeatmapLoss()([heatmaps, heatmaps + 1.0], target, weight)
    assert [float(loss) for loss in losses] == [9 * 3 / 4, 4 * 3 / 4]
    (loss,) = HeatmapLoss(weight=0.5)([heatmaps], target, weight)
    assert float(loss) == 9 * 3 / 8


def test_a_missing_joint_gets_no_gradient():
    heatmaps, target, weight = tensors()
    heatmaps.stop_gradient = False
    weight[0, 1] = 0.0
    (loss,) = HeatmapLoss()([heatmaps], target, weight)
    loss.backward()
    gradient = heatmaps.grad.numpy()
    assert (gradient[0, 1] == 0).all()
    assert gradient[0, 0] == pytest.approx(2 * -3.0 / heatmaps.size)


def test_half_precision_is_computed_in_float32():
    heatmaps, target, weight = tensors()
    (loss,) = HeatmapLoss()([(heatmaps + 300.0).astype("float16")], target, weight)
    assert loss.dtype == paddle.float32 and float(loss) == 297.0**2


def test_operations_do_not_grow_with_people_or_joints(monkeypatch):
    def operations(people, joints):
        loss = HeatmapLoss()
        heatmaps, target, weight = tensors(people, joints)
        heatmaps.stop_gradient = False
        return len(graph(loss([heatmaps], target, weight)[0].grad_fn))

    def graph(node, seen=None):
        seen = {} if seen is None else seen
        if node is not None and id(node) not in seen:
            seen[id(node)] = node
            for following in node.next_functions:
                graph(following, seen)
        return seen

    assert operations(1, 1) == operations(4, 16) > 3


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
