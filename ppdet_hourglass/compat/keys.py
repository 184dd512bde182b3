"""Names that PaddleDetection uses for samples' joints and for its config."""

from typing import Any

from ppdet.core.workspace import global_config
from ppdet.data.transform.keypoint_operators import ToHeatmapsTopDown


def _joints_key() -> str:
    """Sample key from which the installed transforms read joints."""
    names = ToHeatmapsTopDown.__call__.__code__.co_consts
    for key in ("gt_joints", "joints"):
        if key in names:
            return key
    raise ImportError(
        "PaddleDetection's ToHeatmapsTopDown reads neither 'gt_joints' nor 'joints': "
        "this version is not supported by ppdet_hourglass"
    )


JOINTS_KEY = _joints_key()

#: PaddleDetection's metric of COCO's average precision.
STOCK_AP = "KeyPointTopDownCOCOEval"


def config_value(key: str) -> Any:
    """A top-level key of the loaded config, ``-o`` included; None if absent."""
    return global_config.get(key)
