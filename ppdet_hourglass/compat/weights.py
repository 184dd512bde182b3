"""Weight files: reading them, and refusing those that do not fit a network."""

import os
from contextlib import contextmanager
from typing import Any, Dict, Iterator, Mapping, Sequence

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
        model: the network.
        weights: path with or without ``.pdparams``; a URL is not looked at.
        complete: every layer must find its weights (evaluation, export); else
            one that fits is enough (pre-training), and a warning names the others.
        option: config key or flag that names the file, for the message.

    Raises:
        UserError: missing, unreadable or unfit file.
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
        logger.warning(
            f"weights {path} ({option}): {len(unfilled)} of {len(layers)} layers start "
            f"anew: {describe(unfilled, layers, state)}"
        )


def describe(
    unfilled: Sequence[str], layers: Mapping[str, Any], state: Mapping[str, Any]
) -> str:
    """Why layers found no weights, one after another.

    Args:
        unfilled: their keys.
        layers: the network's arrays by key.
        state: the file's.
    """
    reasons = []
    for key in unfilled:
        found = f"{list(state[key].shape)} in the file" if key in state else "absent"
        reasons.append(f"{key} ({found}, takes {list(layers[key].shape)})")
    return ", ".join(reasons)


def check_resumable(model: paddle.nn.Layer, weights: str) -> None:
    """Refuse to resume from anything but a whole snapshot.

    Raises:
        UserError: weights missing or unfit, or the optimiser's state missing.
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


def load_weights(model: paddle.nn.Layer, weights: str, option: str) -> None:
    """Fill a network for evaluation.

    Args:
        model: the network.
        weights: path with or without ``.pdparams``, or a URL.
        option: config key that names the file, for messages.

    Raises:
        UserError: as :func:`check_weights`, or a layer would stay empty.
    """
    check_weights(model, weights, complete=True, option=option)
    with _quiet(checkpoint.logger):
        checkpoint.load_pretrain_weight(model, weights)


@contextmanager
def _quiet(stock: Any) -> Iterator[None]:
    """PaddleDetection says a line for each layer that does not fit."""
    before = stock.level
    stock.setLevel("WARNING")
    try:
        yield
    finally:
        stock.setLevel(before)
