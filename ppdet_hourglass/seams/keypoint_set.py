"""The trainer's seam: what depends on the joints comes from the keypoint file.

``keypoints: FILE`` in a config gives the stock parts what they would have to be told
one by one: ``num_joints``, the flip pairs and upper body of keypoint transforms, the
joints and folder of stock COCO data sets, and the sigmas of the stock AP metric.
"""

import functools
import inspect
import os
from typing import Any, Callable, Dict, Sequence

import numpy as np
import ppdet.data.transform as transforms
import ppdet.metrics.keypoint_metrics as keypoint_metrics
from ppdet.data.source.keypoint_coco import KeypointTopDownBaseDataset
from ppdet.engine import Trainer
from ppdet.modeling.keypoint_utils import oks_nms

from ..data.coco_file import check_coco_file
from ..errors import UserError
from ..keypoint_file import read_keypoints
from ..keypoints import KeypointSet
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
            keypoints = apply_keypoints(cfg)
            if cfg.get("metric") == STOCK_AP:
                _fill_stock_ap(keypoints)
            _check_files(cfg, mode, keypoints)
        stock(self, cfg, mode)

    return init


def apply_keypoints(cfg: Any) -> KeypointSet:
    """Set what the config leaves to its keypoint file.

    Args:
        cfg: the loaded config, with its top-level ``keypoints``; changed in place.

    Raises:
        UserError: the file is wrong, or contradicts ``num_joints``.
    """
    keypoints = read_keypoints(cfg["keypoints"])
    count = cfg.get("num_joints")
    if count not in (None, len(keypoints)):
        raise UserError(
            f"config key 'num_joints' is {count}, but {keypoints.source} has "
            f"{len(keypoints)} joints: leave it out"
        )
    cfg["num_joints"] = len(keypoints)
    _fill_transforms(cfg, keypoints)
    for name in ("TrainDataset", "EvalDataset"):
        if isinstance(cfg.get(name), KeypointTopDownBaseDataset):
            _fill_dataset(cfg[name], cfg, keypoints)
    return keypoints


def _fill_transforms(cfg: Any, keypoints: KeypointSet) -> None:
    """Give each transform of the readers the joints' facts that it asks for."""
    facts = {
        "flip_pairs": [list(pair) for pair in keypoints.pairs],
        "upper_body_ids": list(keypoints.upper_body),
    }
    for reader in ("TrainReader", "EvalReader"):
        for operators in cfg.get(reader, {}).get("sample_transforms") or []:
            for name, options in operators.items():
                known = inspect.signature(getattr(transforms, name).__init__)
                for fact in set(facts) & set(known.parameters):
                    options.setdefault(fact, facts[fact])


def _fill_dataset(dataset: Any, cfg: Any, keypoints: KeypointSet) -> None:
    dataset.ann_info["num_joints"] = len(keypoints)
    dataset.dataset_dir = dataset.dataset_dir or cfg.get("dataset_dir", "")
    dataset.img_prefix = os.path.join(dataset.dataset_dir, dataset.image_dir)


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
