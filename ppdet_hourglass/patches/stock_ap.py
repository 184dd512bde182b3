"""The stock metric of COCO's average precision with a keypoint set's sigmas."""

import functools
from typing import Any

import numpy as np
import ppdet.metrics.keypoint_metrics as keypoint_metrics
from ppdet.modeling.keypoint_utils import oks_nms

from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from ..metrics.oks import evaluation_with
from .wrapping import replaced

STOCK_AP = "KeyPointTopDownCOCOEval"


def check_sigmas(keypoints: KeypointSet) -> None:
    """Raise :class:`UserError` if the keypoint set has no sigmas."""
    if keypoints.sigmas is None:
        raise UserError(
            f"metric {STOCK_AP} needs 'sigmas', which {keypoints.source} does not "
            "give; use metric: PCK"
        )


def use_sigmas(metric: Any, keypoints: KeypointSet) -> None:
    """Let a metric use the keypoint set's sigmas instead of COCO's.

    Args:
        metric: a ``KeyPointTopDownCOCOEval``; changed in place.
        keypoints: keypoint set of its data set, with sigmas.
    """
    nms = functools.partial(oks_nms, sigmas=np.array(keypoints.sigmas))
    evaluation = evaluation_with(keypoints.sigmas)
    accumulate = metric.accumulate

    @functools.wraps(accumulate)
    def with_sigmas() -> None:
        with replaced(keypoint_metrics, COCOeval=evaluation, oks_nms=nms):
            accumulate()

    metric.accumulate = with_sigmas
