"""The trainer's patch: what depends on the joints comes from the keypoint file.

Readers and data sets get the joints' facts, the stock AP metric its sigmas, and the
annotation files that the run will read are checked.
"""

import functools
import os
from typing import Any, Callable, Dict, Sequence

import numpy as np
import ppdet.metrics.keypoint_metrics as keypoint_metrics
from ppdet.data.source.keypoint_coco import KeypointTopDownBaseDataset
from ppdet.engine import Trainer
from ppdet.modeling.keypoint_utils import oks_nms

from ..data.coco_file import check_coco_file
from ..data.config_facts import fill_config
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from ..metrics.oks import evaluation_with
from .wrapping import wrap

#: The stock metric of COCO's average precision.
STOCK_AP = "KeyPointTopDownCOCOEval"


def install() -> None:
    """Wrap the trainer's constructor; raises ImportError as ``wrap`` does."""
    wrap(Trainer, "__init__", ["self", "cfg", "mode"], _with_keypoints)


def _with_keypoints(stock: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(stock)
    def init(self: Any, cfg: Any, mode: str = "train") -> None:
        if cfg.get("keypoints"):
            keypoints = fill_config(cfg)
            if cfg.get("metric") == STOCK_AP:
                _fill_stock_ap(keypoints)
            _check_files(cfg, mode, keypoints)
        stock(self, cfg, mode)

    return init


def _fill_stock_ap(keypoints: KeypointSet) -> None:
    """Let the stock metric compare with the set's sigmas instead of COCO's."""
    if keypoints.sigmas is None:
        raise UserError(
            f"metric {STOCK_AP} needs 'sigmas', which {keypoints.source} does not "
            "give; use metric: PCK"
        )
    keypoint_metrics.COCOeval = evaluation_with(keypoints.sigmas)
    sigmas = np.array(keypoints.sigmas)
    keypoint_metrics.oks_nms = functools.partial(oks_nms, sigmas=sigmas)


def _check_files(cfg: Any, mode: str, keypoints: KeypointSet) -> None:
    """Check the COCO-layout files that this run will read."""
    for name in _used(cfg, mode):
        dataset = cfg.get(name)
        if isinstance(dataset, KeypointTopDownBaseDataset):
            _check_boxes(name, dataset)
            check_coco_file(dataset.get_anno(), dataset.img_prefix, keypoints)


def _check_boxes(name: str, dataset: Any) -> None:
    if getattr(dataset, "use_gt_bbox", True):
        return
    path = os.path.join(dataset.dataset_dir, dataset.bbox_file or "")
    if not os.path.isfile(path):
        raise UserError(
            f"{name}.use_gt_bbox is false, but {name}.bbox_file names no file of "
            f"detections: {dataset.bbox_file}"
        )


def _used(cfg: Dict[str, Any], mode: str) -> Sequence[str]:
    if mode == "train":
        return ("TrainDataset", "EvalDataset") if cfg.get("eval") else ["TrainDataset"]
    return ("EvalDataset",) if mode == "eval" else ()
