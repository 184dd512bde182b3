import numpy as np
import paddle
import pytest

from ppdet_hourglass.modeling.backbones import hourglass
from ppdet_hourglass.modeling.backbones.hourglass_net import HourglassNet
from ppdet_hourglass.modeling.backbones.stacked_hourglass import StackedHourglass


def build(name, recompute):
    paddle.seed(3)
    if name == "StackedHourglass":
        return StackedHourglass(2, 1, 16, 2, recompute=recompute, num_joints=5)
    return HourglassNet(2, 2, [8, 12, 16], [1, 1, 1], 8, None, recompute=recompute)


def step(network):
    """Loss, gradients and state after one training step's forward and backward."""
    paddle.seed(4)
    outs = network(paddle.rand([2, 3, 32, 32]))
    loss = sum((out**2).mean() for out in outs)
    loss.backward()
    gradients = [p.grad.numpy() for p in network.parameters() if p.grad is not None]
    state = {key: value.numpy() for key, value in network.state_dict().items()}
    return float(loss), gradients, state


@pytest.mark.parametrize("name", ["HourglassNet", "StackedHourglass"])
def test_the_same_step_with_and_without(name, monkeypatch):
    calls = []
    real = hourglass.recomputed
    monkeypatch.setattr(
        hourglass, "recomputed", lambda *args: calls.append(1) or real(*args)
    )
    loss, gradients, state = step(build(name, recompute=False))
    assert not calls
    again, same_gradients, same_state = step(build(name, recompute=True))
    assert len(calls) == 2  # one for each stack
    assert again == pytest.approx(loss, rel=1e-6)
    assert len(gradients) == len(same_gradients) > 20
    largest = max(np.abs(gradient).max() for gradient in gradients)
    for a, b in zip(gradients, same_gradients):
        assert np.abs(a - b).max() <= 1e-5 * largest
    assert any(key.endswith("_mean") for key in state)
    for key, value in state.items():
        assert np.allclose(value, same_state[key], rtol=1e-6, atol=1e-8), key


def test_evaluation_keeps_to_the_plain_way(monkeypatch):
    network = build("StackedHourglass", recompute=True)
    network.eval()
    monkeypatch.setattr(hourglass, "recomputed", None)
    network(paddle.rand([1, 3, 32, 32]))
