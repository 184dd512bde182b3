"""Patch of the trainer's constructor: the keypoint file says what depends on joints.

Readers and data sets are given the keypoint set, and the annotation files that the
run will read are checked against it.  A training is seeded before it builds anything.
"""

import os
from typing import Any, Callable, Sequence

from ppdet.data.source.keypoint_coco import KeypointTopDownBaseDataset
from ppdet.engine import Trainer

from ..compat.architecture import claim_datasets, is_ours
from ..data.coco_file import check_coco_file
from ..data.config_facts import fill_config
from ..errors import UserError
from .sample_order import seed_training
from .wrapping import wrap


def install() -> None:
    """Wrap the trainer's constructor; raises ImportError as ``wrap`` does."""
    wrap(Trainer, "__init__", ["self", "cfg", "mode"], _init)


def _init(stock: Callable[..., None], self: Any, cfg: Any, mode: str = "train") -> None:
    if cfg.get("keypoints"):
        keypoints = fill_config(cfg)
        for name in _datasets_read(cfg, mode):
            dataset = cfg.get(name)
            if isinstance(dataset, KeypointTopDownBaseDataset):
                _check_boxes(name, dataset)
                check_coco_file(dataset.get_anno(), dataset.img_prefix, keypoints)
    claim_datasets(cfg)
    if is_ours(cfg) and mode == "train":
        seed_training(cfg)
    stock(self, cfg, mode)


def _datasets_read(cfg: Any, mode: str) -> Sequence[str]:
    """Keys of the data sets that the run will read."""
    if mode == "train":
        return ("TrainDataset", "EvalDataset") if cfg.get("eval") else ["TrainDataset"]
    return ("EvalDataset",) if mode == "eval" else ()


def _check_boxes(name: str, dataset: Any) -> None:
    if getattr(dataset, "use_gt_bbox", True):
        return
    path = os.path.join(dataset.dataset_dir, dataset.bbox_file or "")
    if not os.path.isfile(path):
        raise UserError(
            f"{name}.use_gt_bbox is false, but {name}.bbox_file names no file of "
            f"detections: {dataset.bbox_file}"
        )
