import numpy as np
import paddle
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.modeling.backbones.hourglass import Hourglass
from ppdet_hourglass.modeling.backbones.stacked_hourglass import StackedHourglass

from .counting import count_parameters


def small(**changes):
    options = dict(num_stacks=2, channels=16, downsample_times=2, num_joints=5)
    options.update(changes)
    return StackedHourglass(**options)


@pytest.mark.parametrize(
    "stacks, parameters",
    [(1, 3_586_960), (2, 6_730_912), (4, 13_018_816), (8, 25_594_624)],
)
def test_parameter_counts_of_the_paper_network(stacks, parameters):
    assert count_parameters(StackedHourglass(num_stacks=stacks)) == parameters


@pytest.mark.parametrize("stacks", [1, 2, 3])
def test_heatmaps_of_every_stack_at_a_quarter_of_the_size(stacks):
    network = small(num_stacks=stacks)
    heatmaps = network(paddle.zeros([2, 3, 32, 48]))
    assert [m.shape for m in heatmaps] == [[2, 5, 8, 12]] * stacks
    assert [s.channels for s in network.out_shape] == [5] * stacks


def test_options_reach_the_deepest_level():
    level = small(num_blocks=3).hourglasses[0].inner
    assert isinstance(level, Hourglass)
    assert [len(part) for part in (level.skip, level.inner, level.up)] == [3, 3, 3]
    assert len(level.down[1]) == 3


def test_later_stacks_see_the_earlier_heatmaps():
    network = small()
    network.eval()
    image = paddle.rand([1, 3, 32, 32])
    first, second = (m.numpy() for m in network(image))
    network.heatmaps[0].bias.set_value(network.heatmaps[0].bias + 1.0)
    again = [m.numpy() for m in network(image)]
    assert again[0] == pytest.approx(first + 1, abs=1e-5)
    assert not np.allclose(again[1], second)


def test_every_parameter_gets_a_gradient():
    network = small()
    sum(m.sum() for m in network(paddle.rand([2, 3, 32, 32]))).backward()
    trained = [p for p in network.parameters() if p.trainable]
    assert trained and all(p.grad is not None for p in trained)


def test_initialisation_is_torchs():
    conv = small(channels=64).hourglasses[0].skip[0].conv2  # 32 x 3 x 3 inputs
    bound = (32 * 9) ** -0.5
    for values in (conv.weight.numpy(), conv.bias.numpy()):
        assert np.abs(values).max() <= bound
    assert conv.weight.numpy().std() == pytest.approx(bound / 3**0.5, rel=0.03)


def test_wrong_options_and_sizes():
    with pytest.raises(UserError, match="must be at least 1, but got 2, 0, 16, 2"):
        small(num_blocks=0)
    with pytest.raises(UserError) as error:
        small()(paddle.zeros([1, 3, 32, 40]))
    assert "by 16 = 4 * 2 ** 2 (StackedHourglass.downsample_times)" in str(error.value)
