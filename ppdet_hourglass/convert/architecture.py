"""Deriving a network's options from the keys and shapes of its weights.

Keys are named as in this package; convolutions have shape (out, in, kernel, kernel).
"""

from dataclasses import dataclass
from typing import Any, Dict, List

from ..errors import UserError
from .layout import Shapes


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
    stacked = backbone == "StackedHourglass"
    try:
        return _stacked_hourglass(shapes) if stacked else _hourglass_net(shapes)
    except KeyError as error:
        raise UserError(
            f"no key gives {error.args[0]}, on which the architecture depends"
        ) from None


def _hourglass_net(shapes: Shapes) -> Architecture:
    branches = _branches(shapes)
    options = {
        "num_stacks": _count(shapes, "backbone.hourglasses."),
        "downsample_times": len(branches) - 1,
        "stage_channels": [shapes[f"{b}0.conv1.0.weight"][1] for b in branches],
        "stage_blocks": [_count(shapes, branch) for branch in branches],
        "feat_channels": shapes["backbone.outs.0.0.weight"][0],
    }
    return Architecture("HourglassNet", options, shapes["head.convs.0.weight"][0])


def _stacked_hourglass(shapes: Shapes) -> Architecture:
    branches = _branches(shapes)
    stages = [shapes[f"{branch}0.conv1.weight"][1] for branch in branches]
    convs = [f"backbone.stem.{layer}.weight" for layer in ("0.0", "1.conv3", "3.conv3")]
    stem = [shapes[conv][0] for conv in convs]
    channels = stages[0]
    options = {
        "num_stacks": _count(shapes, "backbone.hourglasses."),
        "num_blocks": _count(shapes, branches[0]),
        "channels": channels,
        "downsample_times": len(branches) - 1,
        "stage_channels": stages if set(stages) != {channels} else None,
        "stem_channels": stem if stem[2] != channels else stem[:2],
    }
    joints = shapes["backbone.heatmaps.0.weight"][0]
    return Architecture("StackedHourglass", options, joints)


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
