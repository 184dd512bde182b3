"""The stock metric of COCO's average precision with a keypoint set's sigmas."""

import functools
from typing import Any, Callable

import numpy as np
import ppdet.metrics.keypoint_metrics as keypoint_metrics
from ppdet.modeling.keypoint_utils import oks_nms

from ..compat.stock import STOCK_AP
from ..errors import UserError
from ..keypoints.keypoint_file import read_keypoints
from ..metrics.oks import evaluation_with
from .wrapping import replaced


def init_stock_metrics(
    stock: Callable[..., None], trainer: Any, validate: bool
) -> None:
    """Let ``stock`` choose a trainer's metrics; AP takes the keypoint file's sigmas.

    Raises:
        UserError: AP is to be measured, and the keypoint file gives no sigmas.
    """
    source = trainer.cfg.get("keypoints")
    if trainer.cfg.metric != STOCK_AP or not source:
        stock(trainer, validate)
        return
    keypoints = read_keypoints(source)
    if keypoints.sigmas is None:
        raise UserError(
            f"metric {STOCK_AP} needs 'sigmas', which {keypoints.source} does not "
            "give; use metric: PCK"
        )
    stock(trainer, validate)
    nms = functools.partial(oks_nms, sigmas=np.array(keypoints.sigmas))
    in_place = {"COCOeval": evaluation_with(keypoints.sigmas), "oks_nms": nms}
    for metric in trainer._metrics:
        metric.accumulate = replaced(keypoint_metrics, **in_place)(metric.accumulate)
