"""Annotations of the people in an evaluated data set."""

import contextlib
import io
import os
from typing import Any, List, Optional, Tuple

import numpy as np
from ppdet.data.source.keypoint_coco import (
    KeypointTopDownBaseDataset,
    KeypointTopDownCocoDataset,
)

from ..compat.stock import JOINTS_KEY
from ..data.annotations import Annotations
from ..data.coco_file import check_coco_file
from ..data.crop import PADDING
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet


def coco_people(path: str, image_folder: str, keypoints: KeypointSet) -> Annotations:
    """Read an annotation file in COCO's layout as an evaluation does.

    Raises:
        UserError: an image is missing, or the file is wrong.
    """
    check_coco_file(path, image_folder, keypoints)
    square = [1, 1]  # only the aspect ratio of the crop matters here
    dataset = KeypointTopDownCocoDataset("", image_folder, path, len(keypoints), square)
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints
        dataset.parse_dataset()
    people, _, _ = people_of(dataset)
    return people


def people_of(dataset: Any) -> Tuple[Annotations, List[int], Optional[str]]:
    """People of a parsed ``MPIIDataset`` or stock ``KeypointTopDownCocoDataset``.

    Returns:
        The annotations (1-based pixels; image paths below the image folder), each
        person's image number, and the annotation file if it is in COCO's layout.

    Raises:
        UserError: a stock data set uses detected boxes, which have no ground truth.
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
        images=[os.path.relpath(row["image_file"], dataset.img_prefix) for row in rows],
        centers=np.array([row["center"] for row in rows], np.float64) + 1,
        # The stock reader pads the box's longer side by the recipe's quarter.
        scales=np.array([row["scale"].max() for row in rows], np.float64) / PADDING,
        joints=np.array([row[JOINTS_KEY][:, :2] for row in rows], np.float64) + 1,
        visible=(visible > 0).astype(np.float64),
        head_boxes=None,
    )
    return people, [row["im_id"] for row in rows], dataset.get_anno()
