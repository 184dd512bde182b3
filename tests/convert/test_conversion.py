import numpy as np
import pytest

from ppdet_hourglass.convert.conversion import convert, recognise, unwrap
from ppdet_hourglass.convert.network import (
    build,
    build_with_weights,
    fitting_config,
    heatmaps,
)
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.modeling.architectures.top_down_hourglass import TopDownHourglass

from .states import bearpaw, princeton


def options(state):
    architecture, _ = build_with_weights(convert(state))
    return architecture


@pytest.mark.parametrize("wrappers", ["", "module.", "model.module.", "model."])
def test_wrappers_names_are_left_away(wrappers):
    state = {f"{wrappers}{key}": value for key, value in bearpaw().items()}
    bare, found = unwrap(state)
    assert found == wrappers and list(bare) == list(bearpaw())


def test_a_name_that_not_all_keys_share_is_no_wrapper():
    assert unwrap({"module.a": 1, "b": 2}) == ({"module.a": 1, "b": 2}, "")
    assert unwrap({}) == ({}, "")


def test_options_come_from_keys_and_shapes():
    architecture = options(bearpaw(stacks=3, channels=12, joints=7, blocks=2))
    assert architecture.backbone == "StackedHourglass"
    assert architecture.num_joints == 7
    assert architecture.options == {
        "num_stacks": 3,
        "num_blocks": 2,
        "channels": 12,
        "downsample_times": 4,
        "stage_channels": None,
        "stem_channels": [2, 4],
    }


def test_princetons_options():
    architecture = options(princeton(stacks=1, increase=4))
    assert architecture.options == {
        "num_stacks": 1,
        "num_blocks": 1,
        "channels": 8,
        "downsample_times": 4,
        "stage_channels": [8, 12, 12, 12, 12],
        "stem_channels": [2, 4, 4],
    }


def test_every_key_is_accounted_for():
    state = princeton()
    conversion = convert(state)
    assert sorted([*conversion.sources.values(), *conversion.dropped]) == sorted(state)
    steps = [k for k in conversion.dropped if k.endswith("num_batches_tracked")]
    idle = [k for k in conversion.dropped if "skip_layer" in k]
    assert len(steps) + len(idle) == len(conversion.dropped) and steps and idle


@pytest.mark.parametrize("make", [bearpaw, princeton])
def test_keys_are_those_of_the_architecture(make):
    architecture, network = build_with_weights(convert(make()))
    model = TopDownHourglass(build(architecture)["backbone"], head=None, loss=None)
    assert list(model.state_dict()) == list(network.state_dict())


def test_values_arrive():
    state = bearpaw()
    state["score.1.bias"][:] = [0, 1, 2, 3, 4]
    state["score.1.weight"][:] = 0
    state["bn1.running_mean"][:] = [5, 6]
    _, network = build_with_weights(convert(state))
    last = heatmaps(network, np.zeros((1, 3, 64, 64), np.float32))[-1]
    assert last.shape == (1, 5, 16, 16)
    assert last[0].std(axis=(1, 2)).max() == 0
    assert last[0, :, 0, 0].tolist() == [0, 1, 2, 3, 4]
    assert network["backbone"].stem[0][1]._mean.numpy().tolist() == [5, 6]


@pytest.mark.parametrize("keys", [["fc.weight", "fc.bias"], []])
def test_unknown_layout(keys):
    with pytest.raises(UserError) as error:
        recognise(keys)
    assert str(error.value) == (
        "its keys are not those of an hourglass of mmpose 0.x, mmpose 1.x, "
        "bearpaw/pytorch-pose or anibali/pytorch-stacked-hourglass, "
        "princeton-vl/pytorch_stacked_hourglass; the first of "
        f"{len(keys)} is {keys[0] if keys else 'missing'}"
    )


def refused(state):
    with pytest.raises(UserError) as error:
        build_with_weights(convert(state))
    return str(error.value)


def test_a_key_left_over():
    state = bearpaw()
    state["score.0.scale"] = np.ones(1)
    state["attention.weight"] = np.ones(1)
    assert refused(state) == (
        "2 of its keys are not in the network, score.0.scale first"
    )


def test_a_key_missing():
    state = bearpaw()
    del state["hg.1.hg.0.3.0.conv2.bias"]
    assert refused(state) == (
        "no key gives 1 of the network's 588 weights, "
        "backbone.hourglasses.1.inner.inner.inner.inner.0.conv2.bias first"
    )


def test_a_key_missing_on_which_the_architecture_depends():
    state = bearpaw()
    del state["conv1.weight"]
    assert refused(state) == (
        "no key gives backbone.stem.0.0.weight, on which the architecture depends"
    )


def test_another_shape():
    state = bearpaw()
    state["hg.1.hg.0.3.0.conv2.bias"] = np.ones(3, np.float32)
    assert refused(state) == (
        "key hg.1.hg.0.3.0.conv2.bias has shape (3,), but "
        "backbone.hourglasses.1.inner.inner.inner.inner.0.conv2.bias takes (4,)"
    )


def test_two_keys_of_one_meaning():
    state = {"backbone.heatmaps.0.bias": np.ones(5, np.float32), **bearpaw()}
    assert refused(state) == (
        "keys backbone.heatmaps.0.bias and score.0.bias both mean "
        "backbone.heatmaps.0.bias"
    )


def test_the_config_that_fits():
    conversion = convert(bearpaw())
    architecture, _ = build_with_weights(conversion)
    assert fitting_config(conversion.layout, architecture) == [
        "configs/hourglass8_mpii_256_bearpaw.yml",
        "keypoints=FILE_OF_5_KEYPOINTS.yml",
        "StackedHourglass.num_stacks=2",
        "StackedHourglass.channels=8",
        "StackedHourglass.stem_channels=[2,4]",
    ]
