"""The network's options, derived from the keys and shapes of its weights.

Keys are those of this package; shapes of convolutions are (out, in, kernel, kernel).
"""

import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, List

from ..errors import UserError
from .layout import Shapes


@dataclass(frozen=True)
class Architecture:
    """A network of this package.

    Attributes:
        backbone: its name.
        options: its options, all but ``num_joints``.
        num_joints: K.
    """

    backbone: str
    options: Dict[str, Any]
    num_joints: int


def derive(backbone: str, shapes: Shapes) -> Architecture:
    """The architecture whose weights have these keys and shapes.

    Raises:
        UserError: a key is missing that the architecture depends on.
    """
    return _DERIVATIONS[backbone](shapes)


def _hourglass_net(shapes: Shapes) -> Architecture:
    levels = _levels(shapes)
    branches = [_level(depth) + "skip." for depth in range(levels)] + [_level(levels)]
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
    levels = _levels(shapes)
    branches = [_level(depth) + "skip." for depth in range(levels)] + [_level(levels)]
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


_DERIVATIONS: Dict[str, Callable[[Shapes], Architecture]] = {
    "HourglassNet": _hourglass_net,
    "StackedHourglass": _stacked_hourglass,
}


def _level(depth: int) -> str:
    """Beginning of the keys of the first stack's level ``depth``; 0 is outermost."""
    return "backbone.hourglasses.0." + "inner." * depth


def _levels(shapes: Shapes) -> int:
    """Levels of the first hourglass: as deep as its skip branches go."""
    depth = 0
    while _count(shapes, _level(depth) + "skip."):
        depth += 1
    return depth


def _count(shapes: Shapes, parent: str) -> int:
    """Different numbers that follow ``parent`` in the keys."""
    numbers: List[str] = re.findall(
        rf"^{re.escape(parent)}(\d+)\.", "\n".join(shapes), re.MULTILINE
    )
    return len(set(numbers))


def _channels(shapes: Shapes, key: str, axis: int) -> int:
    if key not in shapes:
        raise UserError(f"no key gives {key}, on which the architecture depends")
    return shapes[key][axis]
