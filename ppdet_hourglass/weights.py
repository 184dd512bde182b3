"""Checks of weight files before PaddleDetection loads them."""

import os
from typing import Any, Dict, List

import paddle
from ppdet.utils.checkpoint import is_url

from .errors import UserError


def check_weights(model: paddle.nn.Layer, weights: str, complete: bool) -> None:
    """Refuse a weight file that the model cannot use.

    Args:
        model: the network.
        weights: path with or without ``.pdparams``; a URL is not looked at.
        complete: every layer must find its weights (evaluation, export); else
            one that fits is enough (pre-training).

    Raises:
        UserError: missing, unreadable or unfit file.
    """
    if is_url(weights):
        return
    path = _params_path(weights)
    state = _read(path)
    unfit = unfilled_layers(model, state)
    total = len(model.state_dict())
    if len(unfit) == total:
        raise UserError(f"weights {path} fit no layer of the network")
    if complete and unfit:
        raise UserError(
            f"weights {path} leave {len(unfit)} of {total} layers without weights, "
            f"{unfit[0]} first: were they trained with another config?"
        )


def check_resumable(model: paddle.nn.Layer, weights: str) -> None:
    """Refuse to resume from anything but a whole snapshot.

    Raises:
        UserError: weights missing or unfit, or the optimiser's state missing.
    """
    check_weights(model, weights, complete=True)
    if is_url(weights):
        return
    state = _params_path(weights)[: -len(".pdparams")] + ".pdopt"
    if not os.path.exists(state):
        raise UserError(
            f"{state} does not exist: resuming (-r) needs it; to start from weights "
            "alone use -o pretrain_weights=FILE"
        )


def unfilled_layers(model: paddle.nn.Layer, state: Dict[str, Any]) -> List[str]:
    """Names of the model's tensors for which ``state`` has none of their shape.

    As PaddleDetection matches them: by full name, or by a name that is the end
    of the model's (weights of the backbone alone).
    """
    unfilled = []
    for name, tensor in model.state_dict().items():
        parts = name.split(".")
        endings = (".".join(parts[start:]) for start in range(len(parts)))
        match = next((ending for ending in endings if ending in state), None)
        if match is None or list(state[match].shape) != list(tensor.shape):
            unfilled.append(name)
    return unfilled


def _params_path(weights: str) -> str:
    stem, extension = os.path.splitext(weights)
    stem = stem if extension in (".pdparams", ".pdopt", ".pdmodel") else weights
    return stem + ".pdparams"


def _read(path: str) -> Dict[str, Any]:
    if not os.path.isfile(path):
        raise UserError(f"weights {path} do not exist (config key 'weights' or -r)")
    try:
        state = paddle.load(path)
    except Exception as error:
        raise UserError(f"weights {path} cannot be read: {error}") from None
    if not isinstance(state, dict):
        raise UserError(f"weights {path} hold no state dictionary")
    return {key: value for key, value in state.items() if hasattr(value, "shape")}
