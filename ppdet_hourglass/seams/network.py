"""A config's network with its weights, without PaddleDetection's trainer around it."""

import logging
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Tuple

from paddle.nn import Layer
from ppdet.core.workspace import create, global_config
from ppdet.utils import checkpoint

from ..errors import UserError
from ..keypoints import KeypointSet
from .keypoint_set import apply_keypoints
from .weights import check_weights
from .wrapping import ARCHITECTURES, is_ours

logger = logging.getLogger(__name__)


@contextmanager
def config_scope() -> Iterator[None]:
    """PaddleDetection has one config for the whole process: put it back afterwards.

    Within, nothing is left of configs that were loaded before.
    """
    before = dict(global_config)
    global_config.clear()
    for name, value in _classes(before):
        global_config[name] = value.copy()  # its options change in place
    try:
        yield
    finally:
        registered = dict(_classes(global_config))  # more, if the config imported some
        global_config.clear()
        global_config.update({**registered, **before})


def _classes(config: Dict[str, Any]) -> List[Tuple[str, Any]]:
    """The registered classes, which the config holds beside its keys."""
    return [item for item in config.items() if hasattr(item[1], "schema")]


def trained_network(cfg: Any, weights: str) -> Tuple[Layer, KeypointSet]:
    """Build the network for evaluation and load its weights.

    Args:
        cfg: the loaded config.
        weights: path or URL.

    Returns:
        the network, with ``heatmaps``; its joints.

    Raises:
        UserError: another architecture, or weights that are missing, unreadable or
            another network's.
    """
    if not is_ours(cfg):
        raise UserError(
            f"config key 'architecture' must be {ARCHITECTURES[0]}, but is "
            f"{cfg['architecture']}"
        )
    keypoints = apply_keypoints(cfg)
    model = create(cfg["architecture"])
    with _quiet(checkpoint.logger):
        check_weights(model, weights, complete=True, option="weights")
        checkpoint.load_pretrain_weight(model, weights)
    logger.info(f"weights: {weights}")
    model.eval()
    return model, keypoints


@contextmanager
def _quiet(stock: logging.Logger) -> Iterator[None]:
    """PaddleDetection says a line for each layer that does not fit."""
    before = stock.level
    stock.setLevel(logging.WARNING)
    try:
        yield
    finally:
        stock.setLevel(before)
