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
    network = small(num_blocks=3, num_stacks=2, stage_channels=[16, 24, 40])
    level = network.hourglasses[1].inner
    assert isinstance(level, Hourglass)
    assert [len(part) for part in (level.skip, level.inner, level.up)] == [3, 3, 3]
    assert len(level.down[1]) == 3
    assert widths(level.skip) == [(24, 24)] * 3
    assert widths(level.down[1]) == [(24, 40), (40, 40), (40, 40)]
    assert widths(level.inner) == [(40, 40)] * 3
    assert widths(level.up) == [(40, 24), (24, 24), (24, 24)]
    assert network(paddle.zeros([1, 3, 32, 32]))[1].shape == [1, 5, 8, 8]


def widths(chain):
    """Channels into and out of each bottleneck."""
    return [
        (block.conv1.weight.shape[1], block.conv3.weight.shape[0]) for block in chain
    ]


@pytest.mark.parametrize(
    "stem_channels, expected",
    [
        ([64, 128], [(64, 128), (128, 256), (256, 256)]),  # the paper's
        ([64, 128, 128], [(64, 128), (128, 128), (128, 256)]),  # princeton-vl's
        ([8, 20, 12], [(8, 20), (20, 12), (12, 256)]),
    ],
)
def test_stem_channels(stem_channels, expected):
    stem = small(channels=256, stem_channels=stem_channels).stem
    assert stem[0][0].weight.shape == [stem_channels[0], 3, 7, 7]
    assert widths([stem[1], stem[3], stem[4]]) == expected


@pytest.mark.parametrize("stacks, parameters", [(1, 3_426_448), (8, 25_434_112)])
def test_parameter_counts_of_princetons_stem(stacks, parameters):
    """princeton-vl's count less the skip layers that its forward never runs."""
    network = StackedHourglass(num_stacks=stacks, stem_channels=[64, 128, 128])
    assert count_parameters(network) == parameters


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


@pytest.mark.parametrize(
    "options, message",
    [
        (
            {"stage_channels": [16, 16]},
            "StackedHourglass.stage_channels must list 3 positive numbers, one more "
            "than downsample_times=2, the first channels=16, but got [16, 16]",
        ),
        ({"stage_channels": [24, 24, 24]}, "channels=16, but got [24, 24, 24]"),
        ({"stage_channels": [16, 0, 16]}, "but got [16, 0, 16]"),
        (
            {"stem_channels": [64]},
            "StackedHourglass.stem_channels must list 2 or 3 positive numbers, but "
            "got [64]",
        ),
        ({"stem_channels": [64, -1]}, "but got [64, -1]"),
    ],
)
def test_lists_that_do_not_fit(options, message):
    with pytest.raises(UserError) as error:
        small(**options)
    assert message in str(error.value)


def test_wrong_options_and_sizes():
    with pytest.raises(UserError, match="must be at least 1, but got 2, 0, 16, 2"):
        small(num_blocks=0)
    with pytest.raises(UserError) as error:
        small()(paddle.zeros([1, 3, 32, 40]))
    assert "by 16 = 4 * 2 ** 2 (StackedHourglass.downsample_times)" in str(error.value)
