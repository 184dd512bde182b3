"""COCO's average precision of keypoints, with a set's own sigmas, by pycocotools."""

import contextlib
import io
from typing import Any, Dict, List, Sequence

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

#: What pycocotools reports for keypoints, in its order.
FIGURES = ("AP", "AP50", "AP75", "APM", "APL", "AR", "AR50", "AR75", "ARM", "ARL")


def oks_ap(
    path: str, rows: List[Dict[str, Any]], sigmas: Sequence[float]
) -> Dict[str, float]:
    """Average precision and recall over object keypoint similarities 0.5 ... 0.95.

    Args:
        path: annotation file in COCO's keypoint layout.
        rows: people in COCO's keypoint-result layout; whatever their category.
        sigmas: K spreads, in the annotations' order.

    Returns:
        The ten figures of COCO's keypoint task, 0 to 1; -1 where no annotated person
        is of that size.
    """
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints
        truth = COCO(path)
        category = min(truth.getCatIds())
        for annotation in truth.dataset["annotations"]:
            marked = np.count_nonzero(annotation["keypoints"][2::3])
            annotation.setdefault("num_keypoints", int(marked))
            annotation["category_id"] = category  # rows do not say theirs
        truth.createIndex()
        found = truth.loadRes([{**row, "category_id": category} for row in rows])
        evaluation = COCOeval(truth, found, "keypoints")
        evaluation.params.kpt_oks_sigmas = np.asarray(sigmas, dtype=np.float64)
        evaluation.params.catIds = [category]
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return dict(zip(FIGURES, map(float, evaluation.stats)))
