"""Convert a public PyTorch checkpoint: its network, its weights, a trial run.

Keys are named as in this package; convolutions have shape (out, in, kernel, kernel).
"""

import inspect
import io
import logging
from dataclasses import dataclass
from typing import Any, Dict, List, Tuple

import numpy as np
import paddle
import paddle.nn as nn

from ..errors import UserError
from ..files import write_whole
from ..modeling.backbones.hourglass_net import HourglassNet
from ..modeling.backbones.stacked_hourglass import StackedHourglass
from ..modeling.hourglass_head import HourglassHead
from .checkpoint import read_checkpoint
from .layouts import Conversion, Layout, Shapes, convert, unwrap

logger = logging.getLogger(__name__)

BACKBONES = {"HourglassNet": HourglassNet, "StackedHourglass": StackedHourglass}

#: Side of the image that the network is run on.
VERIFIED_PX = 256


def convert_checkpoint(source: str, out: str, verified: bool = False) -> List[str]:
    """Convert a checkpoint of a repository in ``LAYOUTS``; log each key's new name.

    Args:
        source: the PyTorch checkpoint.
        out: the ``.pdparams`` file to write.
        verified: whether to run the network once on what is written.

    Returns:
        Path of the config that fits, then ``KEY=VALUE`` for each option to add to it.

    Raises:
        UserError: the checkpoint cannot be read or does not fit, or ``out`` cannot be
            written.
        ModuleNotFoundError: PyTorch is not installed.
    """
    paddle.set_device("cpu")
    state, rest = read_checkpoint(source)
    try:
        state, wrappers = unwrap(state)
        conversion = convert(state)
        architecture, network = build_with_weights(conversion)
        for ours, name in conversion.sources.items():
            shape = list(conversion.weights[ours].shape)
            logger.info(f"{name} -> {ours} {shape}")
        for name in conversion.dropped:
            logger.info(f"{name} has no counterpart: no forward pass uses it")
        if wrappers:
            logger.info(f"keys began with {wrappers}, omitted above")
        if rest:
            logger.info(f"not converted, not weights: {', '.join(rest)}")
        logger.info(
            f"{conversion.layout.name}: {len(conversion.sources)} keys used, "
            f"{len(conversion.dropped)} without counterpart"
        )
        if verified:
            verify(network, architecture.num_joints)
    except UserError as error:
        raise UserError(f"checkpoint {source}: {error}") from None
    buffer = io.BytesIO()
    paddle.save(network.state_dict(), buffer)
    write_whole(out, buffer.getvalue())
    return fitting_config(conversion.layout, architecture)


@dataclass(frozen=True)
class Architecture:
    """A network of this package.

    Attributes:
        backbone: name of the backbone.
        options: the backbone's options, except ``num_joints``.
        num_joints: K.
    """

    backbone: str
    options: Dict[str, Any]
    num_joints: int


def derive(backbone: str, shapes: Shapes) -> Architecture:
    """The architecture whose weights have these keys and shapes.

    Raises:
        UserError: a key that the architecture depends on is missing.
    """
    branches = _branches(shapes)
    options: Dict[str, Any] = {
        "num_stacks": _count(shapes, "backbone.hourglasses."),
        "downsample_times": len(branches) - 1,
    }
    try:
        if backbone == "HourglassNet":
            stages = [shapes[f"{branch}0.conv1.0.weight"][1] for branch in branches]
            options["stage_channels"] = stages
            options["stage_blocks"] = [_count(shapes, branch) for branch in branches]
            options["feat_channels"] = shapes["backbone.outs.0.0.weight"][0]
            joints = shapes["head.convs.0.weight"][0]
            return Architecture(backbone, options, joints)
        stages = [shapes[f"{branch}0.conv1.weight"][1] for branch in branches]
        convs = ("0.0", "1.conv3", "3.conv3")
        stem = [shapes[f"backbone.stem.{conv}.weight"][0] for conv in convs]
        options["num_blocks"] = _count(shapes, branches[0])
        options["channels"] = stages[0]
        options["stage_channels"] = stages if len(set(stages)) > 1 else None
        options["stem_channels"] = stem if stem[2] != stages[0] else stem[:2]
        joints = shapes["backbone.heatmaps.0.weight"][0]
        return Architecture(backbone, options, joints)
    except KeyError as error:
        raise UserError(
            f"no key gives {error.args[0]}, on which the architecture depends"
        ) from None


def _branches(shapes: Shapes) -> List[str]:
    """Key prefixes of branches of the first hourglass.

    They are each level's skip branch, outermost first, and the bottom.
    """
    branches, level = [], "backbone.hourglasses.0."
    while _count(shapes, f"{level}skip."):
        branches.append(f"{level}skip.")
        level += "inner."
    return [*branches, level]


def _count(shapes: Shapes, parent: str) -> int:
    """How many different numbers follow the prefix ``parent`` in the keys."""
    following = [key[len(parent) :] for key in shapes if key.startswith(parent)]
    names = {key.partition(".")[0] for key in following}
    return sum(name.isdigit() for name in names)


def build(architecture: Architecture) -> nn.LayerDict:
    """Build backbone and, if needed, head, named as in ``TopDownHourglass``."""
    options, joints = architecture.options, architecture.num_joints
    if architecture.backbone == "StackedHourglass":
        return nn.LayerDict(
            {"backbone": StackedHourglass(**options, num_joints=joints)}
        )
    backbone = HourglassNet(**options)
    channels = [shape.channels for shape in backbone.out_shape]
    return nn.LayerDict({"backbone": backbone, "head": HourglassHead(channels, joints)})


def build_with_weights(conversion: Conversion) -> Tuple[Architecture, nn.LayerDict]:
    """Build the network of a checkpoint and load its weights.

    Raises:
        UserError: the checkpoint has a key too many or too few, or one of another
            shape.
    """
    sources = conversion.sources
    given = {key: np.shape(array) for key, array in conversion.weights.items()}
    architecture = derive(conversion.layout.backbone, given)
    network = build(architecture)
    needed = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    for key, shape in given.items():
        if key not in needed:
            left = sum(key not in needed for key in given)
            raise UserError(
                f"{left} of its keys are not in the network, {sources[key]} first"
            )
        if shape != needed[key]:
            raise UserError(
                f"key {sources[key]} has shape {shape}, but {key} takes {needed[key]}"
            )
    missing = [key for key in needed if key not in given]
    if missing:
        raise UserError(
            f"no key gives {len(missing)} of the network's {len(needed)} weights, "
            f"{missing[0]} first"
        )
    network.set_state_dict(conversion.weights)
    return architecture, network


def heatmaps(network: nn.LayerDict, image: np.ndarray) -> List[np.ndarray]:
    """(N, 3, H, W) float32 -> (N, K, H/4, W/4) per stack, in evaluation mode."""
    network.eval()
    with paddle.no_grad():
        outs = network["backbone"](paddle.to_tensor(image))
        outs = network["head"](outs) if "head" in network else outs
    return [out.numpy() for out in outs]


def fitting_config(layout: Layout, architecture: Architecture) -> List[str]:
    """Find the config of a network.

    Returns:
        Path of the config, then ``KEY=VALUE`` for each option to add to it.
    """
    joints = architecture.num_joints
    extra: Dict[str, Any] = {}
    config = layout.configs.get(joints)
    if config is None:  # a user's own keypoints
        config = layout.configs[min(layout.configs)]
        extra["keypoints"] = f"FILE_OF_{joints}_KEYPOINTS.yml"
    backbone = BACKBONES[architecture.backbone]
    parameters = inspect.signature(backbone.__init__).parameters
    known = {name: parameter.default for name, parameter in parameters.items()}
    known.update(layout.config_options)
    for name, value in architecture.options.items():
        if value != known[name]:
            text = "null" if value is None else str(value).replace(" ", "")
            extra[f"{architecture.backbone}.{name}"] = text
    options = [f"{key}={value}" for key, value in extra.items()]
    return [f"configs/{config}", *options, *layout.evaluation]


def verify(network: nn.LayerDict, joints: int) -> None:
    """Run a network on a random image of a fixed seed.

    Raises:
        UserError: a stack's heatmaps are not finite, or not (1, K, H/4, W/4).
    """
    size, side = (1, 3, VERIFIED_PX, VERIFIED_PX), VERIFIED_PX // 4
    image = np.random.default_rng(0).standard_normal(size).astype(np.float32)
    stacks = heatmaps(network, image)
    for number, heatmap in enumerate(stacks, start=1):
        if heatmap.shape != (1, joints, side, side) or not np.isfinite(heatmap).all():
            raise UserError(
                f"--verify: heatmaps of stack {number} must be finite, of shape "
                f"{(1, joints, side, side)}, but got {heatmap.shape} between "
                f"{heatmap.min()} and {heatmap.max()}"
            )
    logger.info(f"verified: {len(stacks)} stacks give finite heatmaps {side}x{side}")
