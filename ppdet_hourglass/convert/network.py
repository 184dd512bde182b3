"""Building the network of a converted checkpoint."""

import inspect
from typing import Any, Dict, List, Tuple

import numpy as np
import paddle
import paddle.nn as nn

from ..errors import UserError
from ..modeling.backbones.hourglass_net import HourglassNet
from ..modeling.backbones.stacked_hourglass import StackedHourglass
from ..modeling.hourglass_head import HourglassHead
from .architecture import Architecture, derive
from .conversion import Conversion
from .layout import Layout

BACKBONES = {"HourglassNet": HourglassNet, "StackedHourglass": StackedHourglass}


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
    left = [sources[key] for key in given if key not in needed]
    if left:
        raise UserError(
            f"{len(left)} of its keys are not in the network, {left[0]} first"
        )
    missing = [key for key in needed if key not in given]
    if missing:
        raise UserError(
            f"no key gives {len(missing)} of the network's {len(needed)} weights, "
            f"{missing[0]} first"
        )
    for key, shape in needed.items():
        if given[key] != shape:
            raise UserError(
                f"key {sources[key]} has shape {given[key]}, but {key} takes {shape}"
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
