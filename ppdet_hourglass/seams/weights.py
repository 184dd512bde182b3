"""The weights' seams: files that do not fit are refused.

``Trainer.load_weights`` and ``Trainer.resume_weights`` skip what does not fit and go
on; wrapped, weights that fit no layer, that leave layers of an evaluated hourglass
empty, or a snapshot without its optimiser are an error.  Pre-training may leave
layers out (other keypoints, other heads), and says which.
"""

import functools
import os
from typing import Any, Callable, Dict, Mapping, Sequence

import paddle
from ppdet.engine import Trainer
from ppdet.utils.checkpoint import is_url, match_state_dict
from ppdet.utils.logger import setup_logger

from ..errors import UserError
from . import best_model
from .wrapping import is_ours, wrap

logger = setup_logger(__name__)

EXTENSION = ".pdparams"


def install() -> None:
    """Wrap the trainer's loading of weights; raises ImportError as ``wrap`` does."""
    wrap(Trainer, "load_weights", ["self", "weights"], _checked_weights)
    wrap(Trainer, "resume_weights", ["self", "weights"], _checked_resume)


def _checked_weights(stock: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(stock)
    def load_weights(self: Any, weights: str, *args: Any, **kwargs: Any) -> Any:
        if is_ours(self.cfg) and not self.is_loaded_weights:
            training = self.mode == "train"
            option = "pretrain_weights" if training else "weights"
            check_weights(self.model, weights, not training, option)
        return stock(self, weights, *args, **kwargs)

    return load_weights


def _checked_resume(stock: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(stock)
    def resume_weights(self: Any, weights: str) -> Any:
        if is_ours(self.cfg):
            check_resumable(self.model, weights)
            best_model.restore(self)
        return stock(self, weights)

    return resume_weights


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
