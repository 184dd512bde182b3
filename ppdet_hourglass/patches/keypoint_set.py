"""Patch of the trainer's constructor: the keypoint file says what depends on joints.

Readers and data sets are given the keypoint set, and the annotation files that the
run will read are checked against it.  With ``prepared: FOLDER``, training reads the
people that were cut out into that folder.  A training is seeded before it builds
anything, and its data set learns whether it may skip people whose images cannot be
read.
"""

import os
from typing import Any, Callable

from ppdet.data.source.keypoint_coco import KeypointTopDownBaseDataset
from ppdet.engine import Trainer

from ..compat.config_check import check_config
from ..compat.stock import claim_datasets, is_ours
from ..data.bad_images import SKIP, skip_bad_images
from ..data.coco_file import check_coco_file
from ..data.config_facts import fill_config
from ..data.prepared import PreparedPeople
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from ..training.sample_order import seed_training
from .wrapping import wrap


def install() -> None:
    """Wrap the trainer's constructor; raises ImportError as ``wrap`` does."""
    wrap(Trainer, "__init__", ["self", "cfg", "mode"], _init)


def _init(stock: Callable[..., None], self: Any, cfg: Any, mode: str = "train") -> None:
    if is_ours(cfg):
        check_config(cfg)
    if cfg.get("keypoints"):
        keypoints = fill_config(cfg)
        if mode == "train" and cfg.get("prepared"):
            cfg["TrainDataset"] = PreparedPeople(cfg["prepared"], cfg)
        if mode == "train":
            _check_dataset("TrainDataset", cfg, keypoints)
        if mode == "eval" or (mode == "train" and cfg.get("eval")):
            _check_dataset("EvalDataset", cfg, keypoints)
    claim_datasets(cfg)
    if is_ours(cfg) and mode == "train":
        seed_training(cfg)
        if cfg.get("on_bad_image") == SKIP:
            skip_bad_images(cfg["TrainDataset"])
    stock(self, cfg, mode)


def _check_dataset(name: str, cfg: Any, keypoints: KeypointSet) -> None:
    """Refuse a stock data set with other keypoints, or whose files are missing."""
    dataset = cfg.get(name)
    if not isinstance(dataset, KeypointTopDownBaseDataset):
        return
    if not getattr(dataset, "use_gt_bbox", True):
        path = os.path.join(dataset.dataset_dir, dataset.bbox_file or "")
        if not os.path.isfile(path):
            raise UserError(
                f"{name}.use_gt_bbox is false, but {name}.bbox_file names no file of "
                f"detections: {dataset.bbox_file}"
            )
    check_coco_file(dataset.get_anno(), dataset.img_prefix, keypoints)
