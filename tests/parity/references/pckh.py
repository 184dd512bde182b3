"""mmpose's ``MpiiPCKAccuracy`` on made-up people."""

from typing import Dict

import numpy as np

from .. import real_mmpose  # noqa: F401
from ..inputs import THRESHOLDS, people_to_score, predictions_to_score

#: Figures of mmpose's table by their names in this project's.
FIGURES = {
    **{
        name: f"{name} PCK"
        for name in ("Head", "Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle")
    },
    "Mean": "PCK",
    "Mean@0.1": "PCK@0.1",
}


def make() -> Dict[str, np.ndarray]:
    """Figures and found joints for random and adversarial predictions."""
    truth = people_to_score(seed=0)
    heads = 0.6 * np.linalg.norm(truth["boxes"][:, 1] - truth["boxes"][:, 0], axis=1)
    arrays = {}
    for kind in ("random", "adversarial"):
        predictions = predictions_to_score(kind, truth, seed=1)
        scored = score(predictions, truth["joints"], truth["visible"], heads)
        for name, array in scored.items():
            arrays[f"{kind}/{name}"] = array
    return arrays


def score(
    predictions: np.ndarray, joints: np.ndarray, visible: np.ndarray, heads: np.ndarray
) -> Dict[str, np.ndarray]:
    """What mmpose says of (N, K, 2) 0-based predictions.

    Args:
        predictions: (N, K, 2).
        joints: (N, K, 2) 1-based.
        visible: (N, K).
        heads: (N,) pixels.

    Returns:
        one array per figure; ``per_joint`` (T, K), mmpose's rates; ``found``,
        (T, N, K) packed into bits.
    """
    from mmpose.evaluation.functional import keypoint_eval
    from mmpose.evaluation.metrics import MpiiPCKAccuracy

    metric = MpiiPCKAccuracy()
    samples = [
        {
            "pred_instances": {"keypoints": prediction[None]},
            "gt_instances": {
                "keypoints": joint[None],
                "keypoints_visible": seen[None],
                "head_size": np.array([[head]]),
            },
        }
        for prediction, joint, seen, head in zip(predictions, joints, visible, heads)
    ]
    metric.process([], samples)
    figures = metric.evaluate(len(samples))
    mask, factor = visible.astype(bool), np.repeat(heads[:, None], 2, axis=1)
    distances = keypoint_eval._calc_distances(predictions + 1, joints, mask, factor)
    per_joint = [
        keypoint_eval.keypoint_pck_accuracy(
            predictions + 1, joints, mask, threshold, factor
        )[0]
        for threshold in THRESHOLDS
    ]
    found = [(distances < threshold).T & mask for threshold in THRESHOLDS]
    return {
        **{name: np.float64(figures[theirs]) for name, theirs in FIGURES.items()},
        "per_joint": np.array(per_joint),
        "found": np.packbits(np.array(found)),
    }
