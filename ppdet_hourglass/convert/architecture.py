"""Deriving a network's options from the keys and shapes of its weights.

Keys are named as in this package; convolutions have shape (out, in, kernel, kernel).
"""

from dataclasses import dataclass
from typing import Any, Dict, List, Tuple

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

    Raises :class:`UserError` if a key that it depends on is missing.
    """
    stacked = backbone == "StackedHourglass"
    return _stacked_hourglass(shapes) if stacked else _hourglass_net(shapes)


def _hourglass_net(shapes: Shapes) -> Architecture:
    levels, branches = _branches(shapes)
    options = {
        "num_stacks": _count(shapes, "backbone.hourglasses."),
        "downsample_times": levels,
        "stage_channels": [
            _channels(shapes, f"{branch}0.conv1.0.weight", 1) for branch in branches
        ],
        "stage_blocks": [_count(shapes, branch) for branch in branches],
        "feat_channels": _channels(shapes, "backbone.outs.0.0.weight", 0),
    }
    joints = _channels(shapes, "head.convs.0.weight", 0)
    return Architecture("HourglassNet", options, joints)


def _stacked_hourglass(shapes: Shapes) -> Architecture:
    levels, branches = _branches(shapes)
    stages = [_channels(shapes, f"{branch}0.conv1.weight", 1) for branch in branches]
    stem = [_channels(shapes, "backbone.stem.0.0.weight", 0)]
    stem += [_channels(shapes, f"backbone.stem.{i}.conv3.weight", 0) for i in (1, 3)]
    channels = stages[0]
    options = {
        "num_stacks": _count(shapes, "backbone.hourglasses."),
        "num_blocks": _count(shapes, branches[0]),
        "channels": channels,
        "downsample_times": levels,
        "stage_channels": stages if set(stages) != {channels} else None,
        "stem_channels": stem if stem[2] != channels else stem[:2],
    }
    joints = _channels(shapes, "backbone.heatmaps.0.weight", 0)
    return Architecture("StackedHourglass", options, joints)


def _branches(shapes: Shapes) -> Tuple[int, List[str]]:
    """Number of levels of the first hourglass, and key prefixes of its branches.

    The prefixes are those of each level's skip branch, outermost first, and of the
    bottom.
    """
    branches, level = [], "backbone.hourglasses.0."
    while _count(shapes, f"{level}skip."):
        branches.append(f"{level}skip.")
        level += "inner."
    return len(branches), [*branches, level]


def _count(shapes: Shapes, parent: str) -> int:
    """How many different numbers follow the prefix ``parent`` in the keys."""
    following = [key[len(parent) :] for key in shapes if key.startswith(parent)]
    names = {key.partition(".")[0] for key in following}
    return sum(name.isdigit() for name in names)


def _channels(shapes: Shapes, key: str, axis: int) -> int:
    if key not in shapes:
        raise UserError(f"no key gives {key}, on which the architecture depends")
    return shapes[key][axis]
