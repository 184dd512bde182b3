"""Reading weight files and refusing files that do not fit a network."""

import os
from typing import Any, Dict

import paddle
from ppdet.utils import checkpoint
from ppdet.utils.checkpoint import is_url, match_state_dict
from ppdet.utils.logger import setup_logger

from ..errors import UserError

logger = setup_logger(__name__)

EXTENSION = ".pdparams"


def check_weights(
    model: paddle.nn.Layer, weights: str, complete: bool, option: str
) -> None:
    """Refuse a weight file that the model cannot use.

    Args:
        weights: path with or without ``.pdparams``; a URL is not checked.
        complete: whether every layer must have weights in the file (evaluation,
            export).  If not (pre-training), one layer is enough, and a warning lists
            the others.
        option: config key or flag that names the file, for messages.

    Raises:
        UserError: the file is missing, cannot be read, or does not fit.
    """
    if is_url(weights):
        return
    path = _params_path(weights)
    state = _read(path, option)
    layers = model.state_dict()
    unfilled = sorted(set(layers) - set(match_state_dict(layers, state)))
    if len(unfilled) == len(layers):
        raise UserError(f"weights {path} ({option}) fit no layer of the network")
    if complete and unfilled:
        raise UserError(
            f"weights {path} ({option}) leave {len(unfilled)} of {len(layers)} layers "
            f"without weights, {unfilled[0]} first: trained with another config?"
        )
    if unfilled:
        reasons = []
        for key in unfilled:
            shape = (
                f"{list(state[key].shape)} in the file" if key in state else "absent"
            )
            reasons.append(f"{key} ({shape}, takes {list(layers[key].shape)})")
        logger.warning(
            f"weights {path} ({option}): {len(unfilled)} of {len(layers)} layers start "
            f"from scratch: {', '.join(reasons)}"
        )


def check_resumable(model: paddle.nn.Layer, weights: str) -> None:
    """Refuse to resume from anything but a complete snapshot.

    Raises:
        UserError: the weights do not fit, or the weights or the optimiser's state are
            missing.
    """
    check_weights(model, weights, complete=True, option="-r")
    if is_url(weights):
        return
    state = _params_path(weights)[: -len(EXTENSION)] + ".pdopt"
    if not os.path.exists(state):
        raise UserError(
            f"{state} does not exist: resuming (-r) needs it; to start from weights "
            "alone use -o pretrain_weights=FILE"
        )


def _params_path(weights: str) -> str:
    """The file that PaddleDetection reads for a path with or without extension."""
    stem, extension = os.path.splitext(weights)
    stem = stem if extension in (EXTENSION, ".pdopt", ".pdmodel") else weights
    return stem + EXTENSION


def _read(path: str, option: str) -> Dict[str, Any]:
    if not os.path.isfile(path):
        raise UserError(f"weights {path} ({option}) do not exist")
    try:
        state = paddle.load(path)
    except Exception as error:
        raise UserError(f"weights {path} ({option}) cannot be read: {error}") from None
    if not isinstance(state, dict):
        raise UserError(f"weights {path} ({option}) hold no state dictionary")
    return {key: value for key, value in state.items() if hasattr(value, "shape")}


def load_weights(model: paddle.nn.Layer, weights: str, option: str) -> None:
    """Load weights for evaluation, after :func:`check_weights`; a URL is downloaded."""
    check_weights(model, weights, complete=True, option=option)
    level = checkpoint.logger.level
    checkpoint.logger.setLevel("WARNING")  # it has a line for each layer left out
    try:
        checkpoint.load_pretrain_weight(model, weights)
    finally:
        checkpoint.logger.setLevel(level)
