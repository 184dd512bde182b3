"""Checks of weight files before PaddleDetection loads them."""

import os
from typing import Any, Dict

import paddle
from ppdet.utils.checkpoint import is_url, match_state_dict

from ..errors import UserError

EXTENSION = ".pdparams"


def check_weights(
    model: paddle.nn.Layer, weights: str, complete: bool, option: str
) -> None:
    """Refuse a weight file that the model cannot use.

    Args:
        model: the network.
        weights: path with or without ``.pdparams``; a URL is not looked at.
        complete: every layer must find its weights (evaluation, export); else
            one that fits is enough (pre-training).
        option: config key or flag that names the file, for the message.

    Raises:
        UserError: missing, unreadable or unfit file.
    """
    if is_url(weights):
        return
    path = params_path(weights)
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


def check_resumable(model: paddle.nn.Layer, weights: str) -> None:
    """Refuse to resume from anything but a whole snapshot.

    Raises:
        UserError: weights missing or unfit, or the optimiser's state missing.
    """
    check_weights(model, weights, complete=True, option="-r")
    if is_url(weights):
        return
    state = params_path(weights)[: -len(EXTENSION)] + ".pdopt"
    if not os.path.exists(state):
        raise UserError(
            f"{state} does not exist: resuming (-r) needs it; to start from weights "
            "alone use -o pretrain_weights=FILE"
        )


def params_path(weights: str) -> str:
    """The file that PaddleDetection means by a path with or without extension."""
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
