"""From a checkpoint's keys to ours."""

from dataclasses import dataclass
from typing import Dict, List, Mapping, Tuple

import numpy as np

from ..errors import UserError
from .layout import Layout
from .mmpose import MMPOSE_0, MMPOSE_1
from .princeton import PRINCETON
from .pytorch_pose import PYTORCH_POSE

LAYOUTS = (MMPOSE_0, MMPOSE_1, PYTORCH_POSE, PRINCETON)

#: What training scripts wrap around the network: DataParallel and a trainer.
WRAPPERS = ("module.", "model.")


@dataclass(frozen=True)
class Conversion:
    """A checkpoint under our names.

    Attributes:
        layout: whose checkpoint it is.
        weights: arrays by our key.
        sources: the checkpoint's key by our key.
        dropped: the checkpoint's keys that have no counterpart in this package.
    """

    layout: Layout
    weights: Dict[str, np.ndarray]
    sources: Dict[str, str]
    dropped: List[str]


def unwrap(state: Mapping[str, np.ndarray]) -> Tuple[Dict[str, np.ndarray], str]:
    """Keys without the wrappers' names, and those names ("" if there are none)."""
    keys, prefix = list(state), ""
    found = True
    while found:
        wrappers = [w for w in WRAPPERS if all(key.startswith(w) for key in keys)]
        found = bool(keys and wrappers)
        if found:
            keys = [key[len(wrappers[0]) :] for key in keys]
            prefix += wrappers[0]
    return dict(zip(keys, state.values())), prefix


def recognise(keys: List[str]) -> Layout:
    """The layout that the keys are of.

    Raises:
        UserError: none, or more than one.
    """
    fitting = [layout for layout in LAYOUTS if layout.fits(keys)]
    if len(fitting) != 1:
        names = ", ".join(layout.name for layout in LAYOUTS)
        raise UserError(
            f"its keys are not those of an hourglass of {names}; the first of "
            f"{len(keys)} is {keys[0] if keys else 'missing'}"
        )
    return fitting[0]


def convert(state: Mapping[str, np.ndarray]) -> Conversion:
    """Name a checkpoint's arrays as this package does.

    Args:
        state: arrays by the checkpoint's key, without wrappers' names.

    Raises:
        UserError: unknown layout, or two keys that mean the same.
    """
    layout = recognise(list(state))
    shapes = {key: np.shape(array) for key, array in state.items()}
    weights: Dict[str, np.ndarray] = {}
    sources: Dict[str, str] = {}
    dropped = []
    for key, array in state.items():
        if not layout.has_counterpart(key, shapes):
            dropped.append(key)
            continue
        ours = layout.rename(key)
        if ours in weights:
            raise UserError(f"keys {sources[ours]} and {key} both mean {ours}")
        weights[ours], sources[ours] = array, key
    return Conversion(layout, weights, sources, dropped)
