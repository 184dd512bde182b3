"""A config's network with its trained weights, ready to predict."""

import json
import logging
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import paddle
from ppdet.core.workspace import create

from ..compat.config import config_scope, load
from ..compat.stock import choose_device, require_ours
from ..compat.weights import load_weights
from ..data.config_facts import fill_config
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from .backends import Network
from .model_spec import ModelSpec, standardisation

logger = logging.getLogger(__name__)

#: The config's transforms that cut and standardise the network's input.
CUT, STANDARDISE = "TopDownAffine", "NormalizeImage"


def from_config(
    config: str,
    weights: Optional[str] = None,
    options: Sequence[str] = (),
    every_stack: bool = False,
) -> Tuple[Network, ModelSpec]:
    """Build a config's network in the dynamic graph, as evaluation does.

    Args:
        config: path of the config file.
        weights: trained weights; by default those of the config's key ``weights``.
        options: further keys of the config, each ``KEY=VALUE`` as after ``-o``.
        every_stack: whether the network returns the heatmaps of all S stacks, one stack
            after the other, (S·N, K, h, w), instead of the last one's (N, K, h, w).
    """
    if weights:
        options = [*options, *as_options({"weights": str(weights)})]
    with config_scope():
        cfg = load(config, options)
        if not cfg.get("weights"):
            raise UserError(f"{config} has no key 'weights': give -o weights=FILE")
        require_ours(cfg)
        choose_device(cfg)
        keypoints = fill_config(cfg)
        model = create(cfg["architecture"])
        load_weights(model, cfg["weights"], complete=True, option="weights")
        logger.info(f"weights: {cfg['weights']}")
        model.eval()
        spec = spec_of(cfg, config, keypoints, model)

    def network(inputs: np.ndarray) -> np.ndarray:
        with paddle.no_grad():
            stacks = model.heatmaps(paddle.to_tensor(inputs))
        shown = stacks if every_stack else stacks[-1:]
        return np.concatenate([heatmaps.numpy() for heatmaps in shown])

    return network, spec


def as_options(overrides: Dict[str, Any]) -> List[str]:
    """Write keys as ``KEY=VALUE``, as after ``-o``; the JSON values are valid YAML."""
    return [f"{key}={json.dumps(value)}" for key, value in overrides.items()]


def spec_of(
    cfg: Dict[str, Any], config: str, keypoints: KeypointSet, model: Any
) -> ModelSpec:
    """Take the specification from a loaded config (of a file, for messages) and model.

    Raises:
        UserError: ``EvalReader`` does not cut and standardise as prediction does.
    """
    reader = cfg.get("EvalReader", {})
    lists = [reader.get(f"{kind}_transforms") or [] for kind in ("sample", "batch")]
    steps = {name: options for step in sum(lists, []) for name, options in step.items()}
    for name in (CUT, STANDARDISE):
        if name not in steps:
            raise UserError(
                f"{config}: EvalReader has no {name}, which prediction needs"
            )
    if steps[CUT].get("use_udp"):
        raise UserError(f"{config}: EvalReader's {CUT}.use_udp is not supported")
    width, height = steps[CUT]["trainsize"]
    mean, std = standardisation(steps[STANDARDISE])
    return ModelSpec((width, height), mean, std, keypoints, model.codec)
