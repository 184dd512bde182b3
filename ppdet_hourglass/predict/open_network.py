"""One function opens a network: a config's, or that of an exported folder.

Letters: N people, K joints, S stacks, H x W pixels of a crop, h x w of a heatmap.
"""

import importlib.util
import json
import logging
import os
from dataclasses import replace
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from ..compat.processor import has_bf16
from ..errors import UserError, one_line
from ..fields import check, one_of
from .backends import BACKENDS, Network, Options, network_of, open_session
from .export_folder import DESCRIPTION, INT8, ONNX, read_moved
from .model_spec import ModelSpec, read_spec, spec_of

logger = logging.getLogger(__name__)

#: The backend that stands for the fastest way to run an exported pose model here.
AUTO = "auto"

#: A backend and a precision.
Way = Tuple[str, str]

#: Device -> ways, fastest first.  Hourglass-52 and one crop on a CPU with bf16 and VNNI
#: (Zen 4) take, in multiples of torch's forward: 0.24, 0.46, 0.47, 0.84, 0.87, 0.88.
#: Without either (Zen 2), int8 takes 0.79, and the three in fp32 0.88, 1.06 and 0.92.
#: No GPU was measured: Paddle comes first there, as the model was trained with it.
WAYS: Dict[str, Tuple[Way, ...]] = {
    "cpu": (
        ("openvino", "int8"),
        ("openvino", "bf16"),
        ("paddle", "bf16"),
        ("openvino", "fp32"),
        ("onnxruntime", "fp32"),
        ("paddle", "fp32"),
    ),
    "gpu": (("paddle", "fp32"), ("onnxruntime", "fp32"), ("openvino", "fp32")),
}

#: ``auto`` uses bf16 if it moves the joints by at most this, pixels of the crop.
MAX_MOVED_PX = 0.5


def open_network(
    config: Optional[str] = None,
    exported: Optional[str] = None,
    *,
    weights: Optional[str] = None,
    overrides: Sequence[str] = (),
    every_stack: bool = False,
    backend: str = AUTO,
    options: Optional[Options] = None,
    changes: Optional[Dict[str, Any]] = None,
) -> Tuple[Network, ModelSpec]:
    """Open the network of a config, or of an exported folder.

    Args:
        config: path of a config file, whose network runs in Paddle's dynamic graph, as
            in an evaluation.
        exported: instead of it, a folder that the export command wrote.
        weights: of a config: trained weights; by default those of its key ``weights``.
        overrides: of a config: further keys, each ``KEY=VALUE`` as after ``-o``.
        every_stack: of a config: whether the network returns the heatmaps of all
            stacks, one after the other, (S·N, K, h, w), instead of the last one's.
        backend: of an exported folder: one of ``BACKENDS``, or ``auto``.
        options: of an exported folder: how to run it.
        changes: of an exported folder: options of its codec that replace its own.

    Raises:
        UserError: the config, a key, the weights or the folder are wrong, or the
            backend cannot do what the options ask for.
    """
    if config is None:
        folder = os.fspath(exported)
        spec = read_spec(folder)
        spec = replace(spec, codec=replace(spec.codec, **changes or {}))
        network = open_exported(folder, backend, options or Options())
        _check_fit(network, spec, folder)
        return network, spec

    from ppdet.core.workspace import create

    from ..compat.config import config_scope, load
    from ..compat.stock import choose_device, require_ours
    from ..compat.weights import load_weights
    from ..data.config_facts import fill_config

    if weights:
        overrides = [*overrides, *as_overrides({"weights": str(weights)})]
    with config_scope():
        cfg = load(config, overrides)
        if not cfg.get("weights"):
            raise UserError(f"{config} has no key 'weights': give -o weights=FILE")
        require_ours(cfg)
        choose_device(cfg)
        keypoints = fill_config(cfg)
        model = create(cfg["architecture"])
        load_weights(model, cfg["weights"], complete=True, option="weights")
        logger.info(f"weights: {cfg['weights']}")
        spec = spec_of(cfg, config, keypoints, model)
    return network_in(model, every_stack), spec


def network_in(model: Any, every_stack: bool = False) -> Network:
    """The network in a built ``TopDownHourglass``, which it sets to evaluate."""
    import paddle

    model.eval()

    def network(inputs: np.ndarray) -> np.ndarray:
        with paddle.no_grad():
            stacks = model.heatmaps(paddle.to_tensor(inputs))
        shown = stacks if every_stack else stacks[-1:]
        return np.concatenate([heatmaps.numpy() for heatmaps in shown])

    return network


def as_overrides(keys: Dict[str, Any]) -> List[str]:
    """Write keys as ``KEY=VALUE``, as after ``-o``; the JSON values are valid YAML."""
    return [f"{key}={json.dumps(value)}" for key, value in keys.items()]


def open_exported(folder: str, backend: str, options: Options) -> Network:
    """Open an exported pose model by a backend or, for ``auto``, the fastest way.

    That is the first of :data:`WAYS` that is installed, whose model is in the folder,
    and that opens; with ``options.precision``, only ways of that precision count.
    """
    check(backend, one_of((AUTO, *BACKENDS)), "backend")
    if backend != AUTO:
        return network_of(open_session(folder, backend, options))

    def opened(way: Way) -> Network:
        backend, precision = way
        chosen = replace(options, precision=precision)
        network = network_of(open_session(folder, backend, chosen))
        logger.info(f"backend: {backend} in {precision} on the {options.device}")
        return network

    *ways, last = fastest_first(folder, options)
    for way in ways:
        try:
            return opened(way)
        except UserError as error:
            logger.warning(f"{error}: trying the next fastest")
    return opened(last)


def fastest_first(folder: str, options: Options) -> List[Way]:
    """Usable ways, fastest first; if there is none, the one whose error helps most."""

    def is_there(backend: str, precision: str) -> bool:
        """Whether the backend is installed and the folder holds its model."""
        model = "model.pdiparams" if backend == "paddle" else ONNX
        path = os.path.join(folder, INT8[0] if precision == "int8" else model)
        return importlib.util.find_spec(backend) is not None and os.path.isfile(path)

    asked = options.precision
    ways = [way for way in WAYS[options.device] if asked in (None, way[1])]
    usable = [way for way in ways if is_there(*way)]
    if asked is None:
        moved = read_moved(folder).get("bf16", {}) if has_bf16() else {}
        usable = [
            (backend, precision)
            for backend, precision in usable
            if precision != "bf16" or moved.get(backend, np.inf) <= MAX_MOVED_PX
        ]
    return usable or ways[-1:] or [("paddle", asked or "fp32")]


def _check_fit(network: Network, spec: ModelSpec, folder: str) -> None:
    """Run a network on zeros; raise :class:`UserError` unless it fits the spec."""
    width, height = spec.input_size
    wrong = f"the model in {folder} does not fit its {DESCRIPTION}"
    try:
        shape = network(np.zeros((1, 3, height, width), np.float32)).shape
    except Exception as error:
        reason = one_line(error)
        raise UserError(f"{wrong}: on {width}x{height} pixels: {reason}") from error
    joints = len(spec.keypoints)
    if len(shape) != 4 or shape[:2] != (1, joints):
        raise UserError(f"{wrong}: {joints} joints, but its output is {tuple(shape)}")
