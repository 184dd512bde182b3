import numpy as np
import paddle
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.modeling.backbones.blocks import conv_bn, upsample_nearest
from ppdet_hourglass.modeling.backbones.hourglass import Hourglass
from ppdet_hourglass.modeling.backbones.hourglass_net import HourglassNet

from .counting import count_parameters


def small(**changes):
    options = dict(
        downsample_times=2,
        stage_channels=[8, 12, 16],
        stage_blocks=[1, 1, 1],
        feat_channels=10,
    )
    options.update(changes)
    return HourglassNet(**options)


@pytest.mark.parametrize("stacks, parameters", [(1, 94_843_520), (2, 187_700_352)])
def test_full_size_parameter_counts(stacks, parameters):
    assert count_parameters(HourglassNet(num_stacks=stacks)) == parameters


@pytest.mark.parametrize("stacks", [1, 2, 3])
def test_one_output_per_stack_at_a_quarter_of_the_size(stacks):
    network = small(num_stacks=stacks)
    outs = network(paddle.zeros([2, 3, 32, 48]))
    assert [out.shape for out in outs] == [[2, 10, 8, 12]] * stacks
    assert [s.channels for s in network.out_shape] == [10] * stacks
    assert [s.stride for s in network.out_shape] == [4] * stacks


def test_options_reach_the_deepest_level():
    network = small(stage_channels=[8, 12, 20], stage_blocks=[1, 2, 3])
    level = network.hourglasses[0].inner
    assert isinstance(level, Hourglass)
    assert len(level.skip) == 2 and len(level.inner) == 3
    assert level.inner[0].conv1[0].weight.shape == [20, 20, 3, 3]
    assert level.up[-1].conv2[0].weight.shape == [12, 12, 3, 3]


def test_indivisible_size_names_the_size_and_the_option():
    with pytest.raises(UserError) as error:
        small()(paddle.zeros([1, 3, 32, 40]))
    assert str(error.value) == (
        "input size 40x32 (width x height) is not divisible by 16 = 4 * 2 ** 2 "
        "(HourglassNet.downsample_times); change trainsize or downsample_times"
    )


@pytest.mark.parametrize(
    "options, message",
    [
        ({"num_stacks": 0}, "must be at least 1, but got 0 and 2"),
        ({"stage_channels": [8, 8]}, "stage_channels must list 3 positive numbers"),
        ({"stage_blocks": [1, 0, 1]}, "but got [1, 0, 1]"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(UserError) as error:
        small(**options)
    assert message in str(error.value)


def test_later_stacks_see_the_earlier_output():
    network = small(num_stacks=2)
    network.eval()
    image = paddle.rand([1, 3, 32, 32])
    before = network(image)[1].numpy()
    for parameter in network.remap_outs[0].parameters():
        parameter.set_value(paddle.full_like(parameter, 0.5))
    assert not np.allclose(before, network(image)[1].numpy())


def test_every_trained_parameter_gets_a_gradient():
    """Else data-parallel training would wait for it for ever."""
    for stacks in (1, 2):
        network = small(num_stacks=stacks)
        sum(out.sum() for out in network(paddle.rand([2, 3, 32, 32]))).backward()
        trained = [p for p in network.parameters() if p.trainable]
        assert trained and all(p.grad is not None for p in trained)


def test_upsampling_repeats_pixels():
    x = paddle.to_tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    expected = [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    assert upsample_nearest(x).numpy()[0, 0].tolist() == expected


def test_initialisation_is_the_references():
    for layer in small().sublayers():
        if isinstance(layer, paddle.nn.Conv2D):
            weight = layer.weight.numpy()
            assert abs(weight.std() / 0.001 - 1) < 4 / weight.size**0.5
            assert abs(weight.mean()) < 0.001 * 4 / weight.size**0.5
    layers = conv_bn(64, 64, 3)
    assert layers[0].bias is None
    assert (layers[1].weight.numpy() == 1).all() and (layers[1].bias.numpy() == 0).all()
    assert layers[1]._momentum == 0.9 and layers[1]._epsilon == 1e-5


def test_initialisation_by_layer_size():
    network = small(init_std=None)
    weight = network.hourglasses[0].skip[0].conv1[0].weight.numpy()
    assert weight.std() == pytest.approx((2 / (8 * 9)) ** 0.5, rel=0.15)


def test_batch_norm_can_be_synchronised():
    network = small(num_stacks=2)
    norms = [m for m in network.sublayers() if isinstance(m, paddle.nn.BatchNorm2D)]
    synced = paddle.nn.SyncBatchNorm.convert_sync_batchnorm(network)
    kept = [m for m in synced.sublayers() if isinstance(m, paddle.nn.SyncBatchNorm)]
    assert len(kept) == len(norms) > 20
    assert {(m._momentum, m._epsilon) for m in kept} == {(0.9, 1e-5)}
