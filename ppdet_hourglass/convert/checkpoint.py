"""Read PyTorch's files without running code from them."""

import os
import re
from typing import Any, Dict, List, Tuple

import numpy as np

from ..compat.weights import STATES
from ..errors import UserError, one_line

#: What NumPy's numbers and arrays are pickled with, such as a best accuracy beside the
#: weights.  PyTorch would call these functions; it gets ``_Ignored`` in their place.
NUMPY_NAMES = (
    "_codecs.encode",
    "numpy.dtype",
    "numpy.ndarray",
    *(
        f"numpy.{core}.multiarray.{name}"
        for core in ("core", "_core")
        for name in ("scalar", "_reconstruct")
    ),
)


class _Ignored:
    """Placeholder for a value of NumPy, which is ignored."""

    def __init__(self, *args: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass


def read_checkpoint(path: str) -> Tuple[Dict[str, np.ndarray], List[str]]:
    """Read the weights of a PyTorch checkpoint.

    Args:
        path: file of a state dictionary, or of a dictionary that has one under one of
            ``STATES``.

    Returns:
        Arrays by key, float32 or integers, and the names of the file's other entries,
        such as the optimiser's state.

    Raises:
        UserError: the file does not exist, is not a checkpoint, or holds more than
            data.
        ModuleNotFoundError: PyTorch is not installed.
    """
    if not os.path.isfile(path):
        raise UserError(f"checkpoint {path} does not exist")
    state, others = _load(path), []
    while isinstance(state, dict):
        key = next((k for k in STATES if isinstance(state.get(k), dict)), None)
        if key is None:
            break
        others += sorted(str(name) for name in state if name != key)
        state = state[key]
    problem = f"checkpoint {path} holds no state dictionary"
    if not isinstance(state, dict) or not state:
        raise UserError(f"{problem}, but {type(state).__name__}")
    for key, value in state.items():
        if not hasattr(value, "is_floating_point"):
            raise UserError(
                f"{problem}: its {key!r} is not a tensor, but {type(value).__name__}"
            )
    return {str(key): _array(value) for key, value in state.items()}, others


def _load(path: str) -> Any:
    import torch

    ignored = [(_Ignored, name) for name in NUMPY_NAMES]
    try:
        with torch.serialization.safe_globals(ignored):
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # PyTorch has no common error for damaged files
        refused = re.search(r"GLOBAL (\S+) was not an allowed", str(error))
        if refused:
            problem = f"checkpoint {path} holds a {refused[1]}, which could run code"
            remedy = "if you trust it, save its state_dict alone and convert that"
            raise UserError(f"{problem}: {remedy}") from None
        # PyTorch surrounds the reason with advice to load the file unsafely.
        reason = one_line(error).rpartition("WeightsUnpickler error: ")[2]
        reason = reason.partition(" Check the documentation")[0]
        raise UserError(
            f"PyTorch cannot read checkpoint {path}: {type(error).__name__}: {reason}"
        ) from None


def _array(tensor: Any) -> np.ndarray:
    tensor = tensor.detach()
    return (tensor.float() if tensor.is_floating_point() else tensor).numpy()
