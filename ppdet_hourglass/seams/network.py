"""A config's network with its weights, without PaddleDetection's trainer around it."""

from contextlib import contextmanager
from typing import Any, Iterator, Tuple

from paddle.nn import Layer
from ppdet.core.workspace import create, global_config
from ppdet.utils.checkpoint import load_pretrain_weight

from ..errors import UserError
from ..keypoints import KeypointSet
from .keypoint_set import apply_keypoints
from .weights import check_weights
from .wrapping import ARCHITECTURES, is_ours


@contextmanager
def config_scope() -> Iterator[None]:
    """PaddleDetection has one config for the whole process: put it back afterwards.

    Within, nothing is left of configs that were loaded before.
    """
    before = {key: _copy(value) for key, value in global_config.items()}
    for key in [key for key, value in before.items() if not hasattr(value, "schema")]:
        del global_config[key]
    try:
        yield
    finally:
        global_config.clear()
        global_config.update(before)


def _copy(value: Any) -> Any:
    """The options of a registered class change in place; the rest is replaced."""
    return value.copy() if hasattr(value, "schema") else value


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
    check_weights(model, weights, complete=True, option="weights")
    load_pretrain_weight(model, weights)
    model.eval()
    return model, keypoints
