"""Renaming a checkpoint's keys to ours."""

from dataclasses import dataclass
from typing import Dict, List, Mapping, Tuple

import numpy as np

from ..errors import UserError
from .layout import Layout
from .mmpose import MMPOSE_0, MMPOSE_1
from .princeton import PRINCETON
from .pytorch_pose import PYTORCH_POSE

LAYOUTS = (MMPOSE_0, MMPOSE_1, PYTORCH_POSE, PRINCETON)

#: Each batch-norm's count of training steps in PyTorch; Paddle has none.
STEP_COUNT = ".num_batches_tracked"

#: Key prefixes that training scripts add: of DataParallel and of a trainer.
WRAPPERS = ("module.", "model.")


@dataclass(frozen=True)
class Conversion:
    """A checkpoint with our keys.

    Attributes:
        layout: key layout of its repository.
        weights: arrays by our key.
        sources: the checkpoint's key by our key.
        dropped: the checkpoint's keys that have no counterpart in this package.
    """

    layout: Layout
    weights: Dict[str, np.ndarray]
    sources: Dict[str, str]
    dropped: List[str]


def unwrap(state: Mapping[str, np.ndarray]) -> Tuple[Dict[str, np.ndarray], str]:
    """Remove the prefixes of wrappers; returns the arrays and the whole prefix."""
    for wrapper in WRAPPERS:
        if state and all(key.startswith(wrapper) for key in state):
            bare = {key[len(wrapper) :]: array for key, array in state.items()}
            bare, inner = unwrap(bare)
            return bare, wrapper + inner
    return dict(state), ""


def convert(state: Mapping[str, np.ndarray]) -> Conversion:
    """Rename a checkpoint's arrays as in this package.

    Args:
        state: arrays by the checkpoint's key, without the prefixes of wrappers.

    Raises:
        UserError: not exactly one layout fits, or two keys have the same meaning.
    """
    fitting = [layout for layout in LAYOUTS if layout.fits(state)]
    if len(fitting) != 1:
        names = ", ".join(layout.name for layout in LAYOUTS)
        raise UserError(
            f"its keys are not those of an hourglass of {names}; the first of "
            f"{len(state)} is {next(iter(state), 'missing')}"
        )
    conversion = Conversion(fitting[0], {}, {}, [])
    shapes = {key: np.shape(array) for key, array in state.items()}
    for key, array in state.items():
        if key.endswith(STEP_COUNT) or conversion.layout.idle(key, shapes):
            conversion.dropped.append(key)
            continue
        ours = conversion.layout.rename(key)
        if ours in conversion.weights:
            raise UserError(
                f"keys {conversion.sources[ours]} and {key} both mean {ours}"
            )
        conversion.weights[ours], conversion.sources[ours] = array, key
    return conversion
