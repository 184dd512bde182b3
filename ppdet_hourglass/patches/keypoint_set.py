"""The trainer's patch: what depends on the joints comes from the keypoint file.

Readers and data sets get the joints' facts, and the annotation files that the run will
read are checked.
"""

import functools
import os
from typing import Any, Callable, Dict, Sequence

from ppdet.data.source.keypoint_coco import KeypointTopDownBaseDataset
from ppdet.engine import Trainer

from ..compat.architecture import claim_datasets
from ..data.coco_file import check_coco_file
from ..data.config_facts import fill_config
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from .wrapping import wrap


def install() -> None:
    """Wrap the trainer's constructor; raises ImportError as ``wrap`` does."""
    wrap(Trainer, "__init__", ["self", "cfg", "mode"], _with_keypoints)


def _with_keypoints(stock: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(stock)
    def init(self: Any, cfg: Any, mode: str = "train") -> None:
        if cfg.get("keypoints"):
            keypoints = fill_config(cfg)
            _check_files(cfg, mode, keypoints)
        claim_datasets(cfg)
        stock(self, cfg, mode)

    return init


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
