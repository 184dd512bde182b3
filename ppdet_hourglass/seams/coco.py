"""The stock COCO reader's seam: its people as this package's annotations.

``KeypointTopDownBaseDataset`` crashes on an image that OpenCV cannot read, without
its name; wrapped, it says which.
"""

import functools
from typing import Any, Callable, Dict, List, Optional, Tuple

import cv2
import numpy as np
from ppdet.data.source.keypoint_coco import KeypointTopDownBaseDataset

from ..data.annotations import Annotations
from ..data.crop import PADDING
from ..errors import UserError
from .keys import JOINTS_KEY
from .wrapping import wrap


def install() -> None:
    """Wrap the reader of samples; raises ImportError as ``wrap`` does."""
    wrap(KeypointTopDownBaseDataset, "__getitem__", ["self", "idx"], _naming_images)


def _naming_images(stock: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(stock)
    def getitem(self: Any, idx: int) -> Dict[str, Any]:
        try:
            return stock(self, idx)
        except cv2.error as error:
            path = self.db[idx]["image_file"]
            if cv2.imread(path) is not None:
                raise
            raise UserError(
                f"{self.get_anno()}: image {path} cannot be read"
            ) from error

    return getitem


def people_of(dataset: Any) -> Tuple[Annotations, List[int], Optional[str]]:
    """A parsed data set's people, in its order.

    Args:
        dataset: an ``MPIIDataset``, or a stock ``KeypointTopDownCocoDataset``.

    Returns:
        annotations (1-based pixels), each person's image number, and the annotation
        file if it is in COCO's layout.

    Raises:
        UserError: a stock data set with detected boxes, which have no truth.
    """
    if not isinstance(dataset, KeypointTopDownBaseDataset):
        return dataset.annotations, dataset.image_ids, None
    if not getattr(dataset, "use_gt_bbox", True):
        raise UserError(
            "metric PCK pairs each prediction with an annotated person: set "
            "EvalDataset.use_gt_bbox to true, or use metric: KeyPointTopDownCOCOEval"
        )
    if not dataset.db:
        raise UserError(f"{dataset.get_anno()} holds no person with keypoints")
    rows = dataset.db
    visible = np.array([row["joints_vis"][:, 0] for row in rows], np.float64)
    people = Annotations(
        path=dataset.get_anno(),
        images=[row["image_file"] for row in rows],
        centers=np.array([row["center"] for row in rows], np.float64) + 1,
        # The stock reader pads the box's longer side by the recipe's quarter.
        scales=np.array([row["scale"].max() for row in rows], np.float64) / PADDING,
        joints=np.array([row[JOINTS_KEY][:, :2] for row in rows], np.float64) + 1,
        visible=(visible > 0).astype(np.float64),
        head_boxes=None,
    )
    return people, [row["im_id"] for row in rows], dataset.get_anno()
