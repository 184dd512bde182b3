"""Keys and options; all keys of the real checkpoints are converted in ``parity/``."""

import numpy as np
import pytest

from ppdet_hourglass.convert.conversion import build, build_with_weights, fitting_config
from ppdet_hourglass.convert.layouts import convert, unwrap
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.modeling.top_down_hourglass import TopDownHourglass

from .states import bearpaw, princeton


@pytest.mark.parametrize(
    "wrappers", ["", "module.", "model.module.", "module._orig_mod."]
)
def test_wrappers_names_are_left_away(wrappers):
    state = {f"{wrappers}{key}": value for key, value in bearpaw().items()}
    bare, found = unwrap(state)
    assert found == wrappers and list(bare) == list(bearpaw())


def test_a_name_that_not_all_keys_share_is_no_wrapper():
    assert unwrap({"module.a": 1, "b": 2}) == ({"module.a": 1, "b": 2}, "")
    assert unwrap({}) == ({}, "")


@pytest.mark.parametrize(
    "state, joints, options",
    [
        (
            bearpaw(stacks=3, channels=12, joints=7, blocks=2),
            7,
            {
                "num_stacks": 3,
                "num_blocks": 2,
                "channels": 12,
                "downsample_times": 4,
                "stage_channels": None,
                "stem_channels": [2, 4],
            },
        ),
        (
            princeton(stacks=1, increase=4),
            5,
            {
                "num_stacks": 1,
                "num_blocks": 1,
                "channels": 8,
                "downsample_times": 4,
                "stage_channels": [8, 12, 12, 12, 12],
                "stem_channels": [2, 4, 4],
            },
        ),
    ],
)
def test_options_come_from_keys_and_shapes(state, joints, options):
    architecture, network = build_with_weights(convert(state))
    assert architecture.backbone == "StackedHourglass"
    assert (architecture.num_joints, architecture.options) == (joints, options)
    model = TopDownHourglass(build(architecture)["backbone"], head=None, loss=None)
    assert list(model.state_dict()) == list(network.state_dict())


def test_every_key_is_accounted_for():
    state = princeton()
    conversion = convert(state)
    assert sorted([*conversion.sources.values(), *conversion.dropped]) == sorted(state)
    steps = [k for k in conversion.dropped if k.endswith("num_batches_tracked")]
    idle = [k for k in conversion.dropped if "skip_layer" in k]
    assert len(steps) + len(idle) == len(conversion.dropped) and steps and idle


DEEPEST = "backbone.hourglasses.1.inner.inner.inner.inner.0.conv2.bias"
UNKNOWN = (
    "its keys are not those of an hourglass of mmpose 0.x, mmpose 1.x, "
    "bearpaw/pytorch-pose or anibali/pytorch-stacked-hourglass, "
    "princeton-vl/pytorch_stacked_hourglass; the first of "
)


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {"score.0.scale": np.ones(1), "attention.weight": np.ones(1)},
            "2 of its keys are not in the network, score.0.scale first",
        ),
        (
            {"hg.1.hg.0.3.0.conv2.bias": None},
            f"no key gives 1 of the network's 588 weights, {DEEPEST} first",
        ),
        (
            {"conv1.weight": None},
            "no key gives backbone.stem.0.0.weight, on which the architecture depends",
        ),
        (
            {"hg.1.hg.0.3.0.conv2.bias": np.ones(3, np.float32)},
            f"key hg.1.hg.0.3.0.conv2.bias has shape (3,), but {DEEPEST} takes (4,)",
        ),
        (
            {"backbone.heatmaps.0.bias": np.ones(5, np.float32)},
            "keys score.0.bias and backbone.heatmaps.0.bias both mean "
            "backbone.heatmaps.0.bias",
        ),
        (dict.fromkeys(bearpaw()), f"{UNKNOWN}0 is missing"),
        ({**dict.fromkeys(bearpaw()), "fc.bias": 1}, f"{UNKNOWN}1 is fc.bias"),
    ],
)
def test_checkpoints_that_do_not_fit(changes, message):
    state = {**bearpaw(), **changes}
    state = {key: array for key, array in state.items() if array is not None}
    with pytest.raises(UserError) as error:
        build_with_weights(convert(state))
    assert str(error.value) == message


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
