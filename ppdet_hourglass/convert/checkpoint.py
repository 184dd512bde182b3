"""Reading PyTorch's files without running code from them."""

import os
import re
from typing import Any, Dict, List, Tuple

import numpy as np

from ..errors import UserError, one_line

STATE = "state_dict"


def read_checkpoint(path: str) -> Tuple[Dict[str, np.ndarray], List[str]]:
    """Read the weights of a PyTorch checkpoint.

    Args:
        path: file of a state dictionary, or of a dictionary that has one as
            ``state_dict``.

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
    content = _load(path)
    state = content.get(STATE, content) if isinstance(content, dict) else None
    if not isinstance(state, dict) or not state:
        raise UserError(
            f"checkpoint {path} holds no state dictionary, but {type(content).__name__}"
        )
    for key, value in state.items():
        if not hasattr(value, "is_floating_point"):
            raise UserError(
                f"checkpoint {path} holds no state dictionary: its {key!r} is not "
                f"a tensor, but {type(value).__name__}"
            )
    others = sorted(map(str, content)) if state is not content else []
    arrays = {str(key): _array(value) for key, value in state.items()}
    return arrays, [name for name in others if name != STATE]


def _load(path: str) -> Any:
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # PyTorch has no common error for damaged files
        refused = re.search(r"GLOBAL (\S+) was not an allowed", str(error))
        if refused:
            raise UserError(
                f"checkpoint {path} holds a {refused[1]}, which PyTorch refuses to "
                "load from a file that could run code (weights_only=True): where you "
                "trust it, save its state_dict alone and convert that"
            ) from None
        # PyTorch surrounds the reason with advice to load the file unsafely.
        reason = one_line(error).rpartition("WeightsUnpickler error: ")[2]
        reason = reason.partition(" Check the documentation")[0]
        raise UserError(
            f"PyTorch cannot read checkpoint {path}: {type(error).__name__}: {reason}"
        ) from None


def _array(tensor: Any) -> np.ndarray:
    tensor = tensor.detach()
    return (tensor.float() if tensor.is_floating_point() else tensor).numpy()
