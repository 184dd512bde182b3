"""COCO's average precision of keypoints by pycocotools, with any set's sigmas."""

import contextlib
import io
from typing import Any, Dict, List, Optional, Sequence, Type

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from ..files import read_json

#: Figures that pycocotools reports for keypoints, in its order.
FIGURES = ("AP", "AP50", "AP75", "APM", "APL", "AR", "AR50", "AR75", "ARM", "ARL")

#: Keys of a keypoint result that pycocotools needs.
RESULT_KEYS = ("image_id", "category_id", "keypoints", "score")


def evaluation_with(sigmas: Sequence[float]) -> Type[COCOeval]:
    """``COCOeval`` with these K sigmas, which treats all people as one category.

    Users' own annotations may have another category number than COCO's 1, or no
    ``num_keypoints``.
    """

    class WithSigmas(COCOeval):
        def __init__(
            self,
            cocoGt: Optional[COCO] = None,
            cocoDt: Optional[COCO] = None,
            iouType: str = "keypoints",
        ) -> None:
            for people in (cocoGt, cocoDt):
                if people is not None:
                    _as_one_category(people, min(cocoGt.getCatIds()))
            super().__init__(cocoGt, cocoDt, iouType)
            self.params.kpt_oks_sigmas = np.asarray(sigmas, dtype=np.float64)

    return WithSigmas


def _as_one_category(people: COCO, category: int) -> None:
    """Complete the annotations as :mod:`..data.people` does, in one category."""
    annotations = people.dataset["annotations"]
    annotations = [row for row in annotations if row.get("keypoints")]
    people.dataset["annotations"] = annotations
    for annotation in annotations:
        marked = np.count_nonzero(annotation["keypoints"][2::3])
        annotation.setdefault("num_keypoints", int(marked))
        annotation["category_id"] = category
        width, height = annotation.get("bbox", (0, 0, 0, 0))[2:]
        annotation["area"] = annotation.get("area") or width * height
        annotation.setdefault("iscrowd", 0)
    people.createIndex()


def oks_ap(
    path: str, rows: List[Dict[str, Any]], sigmas: Sequence[float]
) -> Dict[str, float]:
    """Average precision and recall over object keypoint similarities 0.5 ... 0.95.

    Args:
        path: annotation file in COCO's keypoint layout.
        rows: people in COCO's keypoint-result layout, of any category.
        sigmas: K spreads, in the annotations' order.

    Returns:
        The ten figures of COCO's keypoint task, 0 to 1; -1 if no annotated person has
        that size.
    """
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints
        truth = COCO()
        truth.dataset = read_json(path, "annotation file")
        truth.createIndex()
        # Boxes are left out: pycocotools would take a person's size from them.
        poses = truth.loadRes([{key: row[key] for key in RESULT_KEYS} for row in rows])
        evaluation = evaluation_with(sigmas)(truth, poses, "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return dict(zip(FIGURES, map(float, evaluation.stats)))
