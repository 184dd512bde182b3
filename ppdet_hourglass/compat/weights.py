"""Reading weight files and refusing files that do not fit a network."""

import os
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple

import paddle
from ppdet.utils.checkpoint import is_url, match_state_dict
from ppdet.utils.download import get_weights_path
from ppdet.utils.logger import setup_logger

from ..errors import UserError
from .safetensors_file import SAFETENSORS, read_safetensors
from .state_file import PDPARAMS, refuse_code

logger = setup_logger(__name__)

#: Readers of other files than Paddle's, by ending: they take path and role.
READERS = {SAFETENSORS: read_safetensors}


def load_weights(
    model: paddle.nn.Layer, weights: str, complete: bool, option: str
) -> None:
    """Load weights, and refuse a file that the model cannot use.

    Args:
        weights: path with or without ``.pdparams``, path of a ``.safetensors`` file, or
            a URL of either, which is downloaded.
        complete: whether every layer must have weights in the file (evaluation,
            export).  If not (pre-training), one layer is enough, and a warning lists
            the others.
        option: config key or flag that names the file, for messages.

    Raises:
        UserError: the file is missing, cannot be read, or does not fit.
        ModuleNotFoundError: safetensors is not installed.
    """
    path = get_weights_path(weights) if is_url(weights) else weights
    if not path.endswith(tuple(READERS)):
        path = stem_of(path) + PDPARAMS
    fitting = check_state(model, _read(path, option), path, complete, option)
    layers = model.state_dict()
    model.set_state_dict(
        {key: value.astype(layers[key].dtype) for key, value in fitting.items()}
    )


def check_state(
    model: paddle.nn.Layer,
    state: Mapping[str, Any],
    path: str,
    complete: bool,
    option: str,
) -> Dict[str, Any]:
    """The weights that fit a layer, by layer, of those that were read from ``path``.

    Args and errors are those of :func:`load_weights`.
    """
    layers = model.state_dict()
    fitting = match_state_dict(layers, state)
    unfilled = sorted(set(layers) - set(fitting))
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
    return fitting


def check_resumable(model: paddle.nn.Layer, weights: str) -> None:
    """Refuse to resume from anything but a complete snapshot.

    Raises:
        UserError: the weights do not fit, or the weights or the optimiser's state are
            missing.
    """
    load_weights(model, weights, complete=True, option="-r")
    if is_url(weights):
        return
    state = stem_of(weights) + ".pdopt"
    if not os.path.exists(state):
        raise UserError(
            f"{state} does not exist: resuming (-r) needs it; to start from weights "
            "alone use -o pretrain_weights=FILE"
        )
    read_state(state, "-r")
    averaged = stem_of(weights) + ".pdema"
    if os.path.exists(averaged):
        read_state(averaged, "-r")


def stem_of(weights: str) -> str:
    """The path without an extension that PaddleDetection knows."""
    stem, extension = os.path.splitext(weights)
    return stem if extension in (PDPARAMS, ".pdopt", ".pdmodel") else weights


def read_state(path: str, option: str) -> Dict[str, Any]:
    """Read a file of weights or of an optimiser's state.

    Args:
        path: the file.
        option: config key or flag that names the file, for messages.

    Raises:
        UserError: the file is missing or cannot be read.
    """
    what = f"weights {path} ({option})"
    if not os.path.isfile(path):
        raise UserError(f"{what} do not exist")
    return READERS.get(os.path.splitext(path)[1], _read_paddle)(path, what)


def _read_paddle(path: str, what: str) -> Dict[str, Any]:
    """Read a file that ``paddle.save`` wrote; ``what`` is for messages."""
    refuse_code(path, what)
    state = paddle.load(path)
    if not isinstance(state, dict):
        raise UserError(f"{what} hold no state dictionary")
    return state


def _read(path: str, option: str) -> Dict[str, Any]:
    state = read_state(path, option)
    bad = first_not_finite(state)
    if bad:
        raise UserError(f"weights {path} ({option}): {bad} is not finite")
    return {
        key: paddle.to_tensor(value)
        for key, value in state.items()
        if hasattr(value, "shape")
    }


def first_not_finite(state: Mapping[str, Any]) -> Optional[str]:
    """Name of the first tensor of a state that is infinite or not a number, or None.

    States within the state are searched too; the device is asked once.
    """
    named = {
        name: value
        for name, value in tensors_of(state)
        if paddle.is_floating_point(value) and value.size
    }
    if not named:
        return None
    finite = paddle.stack([paddle.isfinite(v).all() for v in named.values()])
    flags = dict(zip(named, finite.numpy().tolist()))
    return next((name for name, is_finite in flags.items() if not is_finite), None)


def tensors_of(
    state: Mapping[str, Any], prefix: str = ""
) -> Iterator[Tuple[str, paddle.Tensor]]:
    """The tensors of a state and of the states within it, with their names."""
    for name, value in state.items():
        if isinstance(value, Mapping):
            yield from tensors_of(value, f"{prefix}{name}.")
        elif isinstance(value, paddle.Tensor):
            yield prefix + name, value
