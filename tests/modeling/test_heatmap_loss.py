import paddle
import pytest

from ppdet_hourglass.modeling.losses.heatmap_loss import HeatmapLoss


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
