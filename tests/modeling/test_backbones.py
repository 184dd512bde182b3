import numpy as np
import paddle
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.modeling.backbones import hourglass
from ppdet_hourglass.modeling.backbones.blocks import conv_bn, upsample_nearest
from ppdet_hourglass.modeling.backbones.hourglass import Hourglass
from ppdet_hourglass.modeling.backbones.hourglass_net import HourglassNet
from ppdet_hourglass.modeling.backbones.stacked_hourglass import StackedHourglass

from .counting import count_parameters


def strided(**changes):
    options = {"num_stacks": 2, "downsample_times": 2, "feat_channels": 5}
    widths = {"stage_channels": [8, 12, 16], "stage_blocks": [1, 1, 1]}
    return HourglassNet(**{**options, **widths, **changes})


def pooled(**changes):
    options = {"num_stacks": 2, "channels": 16, "downsample_times": 2, "num_joints": 5}
    return StackedHourglass(**{**options, **changes})


@pytest.mark.parametrize(
    "build, parameters",
    [
        (HourglassNet, 94_843_520),
        (lambda: StackedHourglass(2), 6_730_912),
        (lambda: StackedHourglass(4), 13_018_816),
        # princeton-vl's counts less the skip layers that its forward never runs
        (lambda: StackedHourglass(1, stem_channels=[64, 128, 128]), 3_426_448),
        (lambda: StackedHourglass(8, stem_channels=[64, 128, 128]), 25_434_112),
    ],
)
def test_parameter_counts(build, parameters):
    """The others are counted with the configs, in ``end_to_end/test_recipe.py``."""
    assert count_parameters(build()) == parameters


@pytest.mark.parametrize("stacks", [1, 2, 3])
@pytest.mark.parametrize("build", [strided, pooled])
def test_one_output_per_stack_at_a_quarter_of_the_size(build, stacks):
    network = build(num_stacks=stacks)
    outs = network(paddle.zeros([2, 3, 32, 48]))
    assert [out.shape for out in outs] == [[2, 5, 8, 12]] * stacks
    assert [(s.channels, s.stride) for s in network.out_shape] == [(5, 4)] * stacks


def test_options_reach_the_deepest_level_of_the_strided_hourglass():
    network = strided(stage_channels=[8, 12, 20], stage_blocks=[1, 2, 3])
    level = network.hourglasses[0].inner
    assert isinstance(level, Hourglass)
    assert len(level.skip) == 2 and len(level.inner) == 3
    assert level.inner[0].conv1[0].weight.shape == [20, 20, 3, 3]
    assert level.up[-1].conv2[0].weight.shape == [12, 12, 3, 3]


def test_options_reach_the_deepest_level_of_the_pooled_hourglass():
    network = pooled(num_blocks=3, stage_channels=[16, 24, 40])
    level = network.hourglasses[1].inner
    assert isinstance(level, Hourglass)
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
        ([8, 20, 12], [(8, 20), (20, 12), (12, 256)]),
    ],
)
def test_stem_channels(stem_channels, expected):
    stem = pooled(channels=256, stem_channels=stem_channels).stem
    assert stem[0][0].weight.shape == [stem_channels[0], 3, 7, 7]
    assert widths([stem[1], stem[3], stem[4]]) == expected


@pytest.mark.parametrize(
    "build, options, message",
    [
        (strided, {"stage_channels": [8, 8]}, "stage_channels must list 3 "),
        (strided, {"stage_blocks": [1, 0, 1]}, "stage_blocks must list 3 positive"),
        (pooled, {"stage_channels": [16, 16]}, "stage_channels must list 3 "),
        (pooled, {"stage_channels": [16, 0, 16]}, "but got [16, 0, 16]"),
        (pooled, {"stage_channels": [24, 24, 24]}, "must begin with channels=16"),
        (pooled, {"stem_channels": [64]}, "stem_channels must list 2 or 3 "),
        (pooled, {"stem_channels": [64, -1]}, "but got [64, -1]"),
    ],
)
def test_wrong_options(build, options, message):
    with pytest.raises(UserError) as error:
        build(**options)
    assert message in str(error.value)


@pytest.mark.parametrize("build", [strided, pooled])
def test_indivisible_size_names_the_size_and_the_option(build):
    network = build()
    with pytest.raises(UserError) as error:
        network(paddle.zeros([1, 3, 32, 40]))
    message = str(error.value)
    assert "40 x 32" in message and "divisible by 16" in message
    assert f"{type(network).__name__}.downsample_times=2" in message


@pytest.mark.parametrize(
    "build, link", [(strided, "remap_outs"), (pooled, "remap_heatmaps")]
)
def test_later_stacks_see_the_earlier_output(build, link):
    network = build()
    network.eval()
    image = paddle.rand([1, 3, 32, 32])
    first, second = (out.numpy() for out in network(image))
    for parameter in getattr(network, link)[0].parameters():
        parameter.set_value(paddle.full_like(parameter, 0.5))
    again = [out.numpy() for out in network(image)]
    assert (again[0] == first).all() and not np.allclose(again[1], second)


@pytest.mark.parametrize("stacks", [1, 2])
@pytest.mark.parametrize("build", [strided, pooled])
def test_every_trained_parameter_gets_a_gradient(build, stacks):
    """Else data-parallel training would wait for it for ever."""
    network = build(num_stacks=stacks)
    sum(out.sum() for out in network(paddle.rand([2, 3, 32, 32]))).backward()
    trained = [p for p in network.parameters() if p.trainable]
    assert trained and all(p.grad is not None for p in trained)


def test_upsampling_repeats_pixels():
    x = paddle.to_tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    expected = [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    assert upsample_nearest(x).numpy()[0, 0].tolist() == expected


def test_initialisation():
    """mmpose's is compared in ``parity/test_initialisation.py``."""
    assert conv_bn(64, 64, 3)[0].bias is None
    weight = strided(init_std=None).hourglasses[0].skip[0].conv1[0].weight.numpy()
    assert weight.std() == pytest.approx((2 / (8 * 9)) ** 0.5, rel=0.15)
    conv = pooled(channels=64).hourglasses[0].skip[0].conv2  # 32 x 3 x 3 inputs
    bound = (32 * 9) ** -0.5
    for values in (conv.weight.numpy(), conv.bias.numpy()):
        assert np.abs(values).max() <= bound
    assert conv.weight.numpy().std() == pytest.approx(bound / 3**0.5, rel=0.03)


def test_batch_norm_can_be_synchronised():
    network = strided()
    norms = [m for m in network.sublayers() if isinstance(m, paddle.nn.BatchNorm2D)]
    synced = paddle.nn.SyncBatchNorm.convert_sync_batchnorm(network)
    kept = [m for m in synced.sublayers() if isinstance(m, paddle.nn.SyncBatchNorm)]
    assert len(kept) == len(norms) > 20
    assert {(m._momentum, m._epsilon) for m in kept} == {(0.9, 1e-5)}


def step(network):
    """Loss, gradients and state after one training step's forward and backward."""
    paddle.seed(4)
    outs = network(paddle.rand([2, 3, 32, 32]))
    loss = sum((out**2).mean() for out in outs)
    loss.backward()
    gradients = [p.grad.numpy() for p in network.parameters() if p.grad is not None]
    state = {key: value.numpy() for key, value in network.state_dict().items()}
    return float(loss), gradients, state


@pytest.mark.parametrize(
    "build, options", [(strided, {"init_std": None}), (pooled, {})]
)
def test_recomputing_changes_no_training_step(build, options, monkeypatch):
    calls = []
    real = hourglass.recompute

    def recompute(*args, **options):
        calls.append(options)
        return real(*args, **options)

    monkeypatch.setattr(hourglass, "recompute", recompute)
    networks = []
    for again in (False, True):
        paddle.seed(3)
        networks.append(build(recompute=again, **options))
    loss, gradients, state = step(networks[0])
    assert not calls
    again, same_gradients, same_state = step(networks[1])
    assert calls[0] == {"preserve_rng_state": False}  # which is global in NumPy
    assert len(calls) == 2  # one for each stack
    assert again == pytest.approx(loss, rel=1e-6)
    assert len(gradients) == len(same_gradients) > 20
    largest = max(np.abs(gradient).max() for gradient in gradients)
    for a, b in zip(gradients, same_gradients):
        assert np.abs(a - b).max() <= 1e-5 * largest
    assert any(key.endswith("_mean") for key in state)
    for key, value in state.items():
        assert np.allclose(value, same_state[key], rtol=1e-6, atol=1e-8), key
    networks[1].eval()
    networks[1](paddle.rand([1, 3, 32, 32]))
    assert len(calls) == 2  # evaluation does not recompute
