"""Read weight files, and refuse those that do not fit a network."""

import json
import os
import struct
import sys
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple
from urllib.parse import urlsplit

import numpy as np
import paddle
from ppdet.utils.checkpoint import is_url
from ppdet.utils.logger import setup_logger

from ..errors import UserError, one_line
from .state_file import MAX_ARRAYS, MAX_SIDE, PDPARAMS, read_state_file

logger = setup_logger(__name__)

SAFETENSORS = ".safetensors"

#: Endings of PyTorch's checkpoints.
PYTORCH = (".pth", ".pt", ".ckpt", ".pth.tar")

#: Keys under which training scripts store the weights, in this order of preference.
STATES = ("state_dict", "model_state_dict", "model", "net", "params", "weights")
STATES += ("ema_state_dict",)

#: Where PaddleDetection's own addresses, ``ppdet://PATH``, are.
PPDET = "https://paddledet.bj.bcebos.com/"


def load_weights(
    model: paddle.nn.Layer, weights: str, complete: bool, option: str
) -> None:
    """Load weights; refuse a file that the model cannot use.

    Args:
        weights: path with or without ``.pdparams``, path of a ``.safetensors`` file, or
            a URL of either, which is downloaded.
        complete: whether every layer must have weights in the file (evaluation,
            export).  If not (pre-training), one layer is enough, and a warning lists
            the others.
        option: config key or flag that names the file, for messages.

    Raises:
        UserError: the file is missing, cannot be read, or does not fit.
        ModuleNotFoundError: safetensors, or for a URL pooch, is not installed.
    """
    if urlsplit(weights).path.endswith(PYTORCH):
        raise UserError(
            f"weights {weights} ({option}) are PyTorch's: convert them first with "
            f"python -m ppdet_hourglass convert FILE OUT{PDPARAMS}"
        )
    path = download(weights, option) if is_url(weights) else weights
    if not path.endswith(SAFETENSORS):
        path = stem_of(path) + PDPARAMS
    state = read_state(path, option)
    bad = first_not_finite(state)
    if bad:
        raise UserError(f"weights {path} ({option}): {bad} is not finite")
    fitting = check_state(model, state, path, complete, option)
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

    A layer's weights are those under its name, or under the longest end of it, such as
    ``conv1.weight`` for ``backbone.conv1.weight``.  Args and errors are those of
    :func:`load_weights`.
    """
    what = f"weights {path} ({option})"
    layers = model.state_dict()
    tensors = {k: v for k, v in state.items() if isinstance(v, paddle.Tensor)}
    for name in STATES:
        if not tensors and isinstance(state.get(name), dict):
            tensors = dict(tensors_of(state[name]))
    fitting: Dict[str, Any] = {}
    sources: Dict[str, str] = {}
    for layer, place in layers.items():
        parts = layer.split(".")
        ends = (".".join(parts[start:]) for start in range(len(parts)))
        source = next((end for end in ends if end in tensors), None)
        if source is None or tensors[source].shape != place.shape:
            continue
        if source in sources:
            raise UserError(f"{what}: {source} fits both {sources[source]} and {layer}")
        sources[source], fitting[layer] = layer, tensors[source]
    unfilled = sorted(set(layers) - set(fitting))
    if len(unfilled) == len(layers):
        raise UserError(f"{what} fit no layer of the network")
    if complete and unfilled:
        raise UserError(
            f"{what} leave {len(unfilled)} of {len(layers)} layers without weights, "
            f"{unfilled[0]} first: trained with another config?"
        )
    if unfilled:
        reasons = []
        for key in unfilled:
            shape = list(tensors[key].shape) if key in tensors else None
            found = f"{shape} in the file" if shape is not None else "absent"
            reasons.append(f"{key} ({found}, takes {list(layers[key].shape)})")
        logger.warning(
            f"{what}: {len(unfilled)} of {len(layers)} layers start from scratch: "
            f"{', '.join(reasons)}"
        )
    return fitting


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
        ModuleNotFoundError: safetensors is not installed.
    """
    what = f"weights {path} ({option})"
    if not os.path.isfile(path):
        raise UserError(f"{what} do not exist")
    read = read_safetensors if path.endswith(SAFETENSORS) else read_state_file
    return read(path, what)


def read_safetensors(path: str, what: str) -> Dict[str, Any]:
    """Read a ``.safetensors`` file, which cannot hold code, as ``read_state`` does."""
    from safetensors import numpy as safetensors

    try:
        with open(path, "rb") as file:  # before any tensor is made
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(length, os.path.getsize(path))))
        header.pop("__metadata__", None)
        sides = [max([0, *facts["shape"]]) for facts in header.values()]
        if len(sides) > MAX_ARRAYS or max(sides, default=0) >= MAX_SIDE:
            raise ValueError(f"more than {MAX_ARRAYS} tensors, or too large ones")
        arrays = safetensors.load_file(path)
    except Exception as error:  # among others a TypeError, of types that NumPy lacks
        raise UserError(f"{what} cannot be read: {one_line(error)}") from None
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            raise UserError(f"{what}: {name} must hold floats, but is {array.dtype}")
    return {name: paddle.to_tensor(array) for name, array in arrays.items()}


def to_safetensors(state: Mapping[str, Any], facts: Mapping[str, str]) -> bytes:
    """The content of a ``.safetensors`` file of tensors, with facts in its header."""
    from safetensors import numpy as safetensors

    arrays: Dict[str, np.ndarray] = {name: t.numpy() for name, t in state.items()}
    return safetensors.save(arrays, dict(facts))


def download(url: str, option: str) -> str:
    """Download a weight file, once for each URL.

    Args:
        url: the address; ``#sha256=DIGITS`` at its end is checked.
        option: config key or flag that names it, for messages.

    Returns:
        Path of the file in the cache of this package, as received: nothing is
        unpacked.

    Raises:
        UserError: it is no address of a weight file, or cannot be downloaded.
        ModuleNotFoundError: pooch is not installed.
    """
    import pooch

    address, _, digest = url.partition("#")
    if address.startswith("ppdet://"):
        address = PPDET + address[len("ppdet://") :]
    ending = os.path.splitext(urlsplit(address).path)[1]
    if ending not in (PDPARAMS, SAFETENSORS):
        raise UserError(
            f"weights {url} ({option}) must end in {PDPARAMS} or {SAFETENSORS}"
        )
    name = pooch.utils.unique_file_name(address)
    name = name if name.endswith(ending) else name + ending
    cache = pooch.create(
        path=pooch.os_cache("ppdet_hourglass"),
        base_url="",
        registry={name: digest.replace("=", ":") or None},
        urls={name: address},
        retry_if_failed=2,
    )
    try:
        shown = pooch.HTTPDownloader(timeout=60, progressbar=sys.stderr.isatty())
        return cache.fetch(name, downloader=shown)
    except (OSError, ValueError) as error:  # those of requests, a wrong digest
        raise UserError(
            f"weights {url} ({option}) cannot be downloaded: {one_line(error)}"
        ) from None


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
            yield f"{prefix}{name}", value
