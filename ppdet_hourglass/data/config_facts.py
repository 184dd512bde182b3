"""Filling in options of a config's readers and data sets that it states once.

PaddleDetection requires crop size, colours and flip pairs in every transform.  Here the
top-level keys ``trainsize``, ``hmsize``, ``mean`` and ``std`` and the keypoint file
state them once.  Options that a transform states itself are kept.
"""

import inspect
import os
from typing import Any, Dict

import ppdet.data.transform as transforms
from ppdet.data.source.keypoint_coco import KeypointTopDownBaseDataset

from ..errors import UserError
from ..keypoints.keypoint_file import read_keypoints
from ..keypoints.keypoint_set import KeypointSet
from .crop import STRIDE

READERS = ("TrainReader", "EvalReader", "TestReader")


def fill_config(cfg: Any) -> KeypointSet:
    """Fill in the options that readers and data sets leave out.

    Args:
        cfg: the loaded config, with ``keypoints``; changed in place.

    Returns:
        The config's keypoint set.

    Raises:
        UserError: the keypoint file is wrong, or contradicts ``num_joints``.
    """
    keypoints = read_keypoints(cfg["keypoints"])
    count = cfg.get("num_joints")
    if count not in (None, len(keypoints)):
        raise UserError(
            f"config key 'num_joints' is {count}, but {keypoints.source} has "
            f"{len(keypoints)} joints: leave it out"
        )
    cfg["num_joints"] = len(keypoints)
    facts = _facts(cfg, keypoints)
    for reader in READERS:
        _fill_transforms(cfg.get(reader) or {}, facts)
    if "trainsize" in facts:
        inputs = cfg.get("TestReader", {}).setdefault("inputs_def", {})
        inputs.setdefault("image_shape", [3, *reversed(facts["trainsize"])])
    for name in ("TrainDataset", "EvalDataset"):
        dataset = cfg.get(name)
        if isinstance(dataset, KeypointTopDownBaseDataset):
            dataset.ann_info["num_joints"] = len(keypoints)
            dataset.dataset_dir = dataset.dataset_dir or cfg.get("dataset_dir", "")
            dataset.img_prefix = os.path.join(dataset.dataset_dir, dataset.image_dir)
    return keypoints


def _facts(cfg: Any, keypoints: KeypointSet) -> Dict[str, Any]:
    """Values for the parameters of transforms, by parameter name."""
    facts = {
        "flip_pairs": [list(pair) for pair in keypoints.pairs],
        "upper_body_ids": list(keypoints.upper_body),
    }
    for key in ("trainsize", "hmsize", "mean", "std"):
        if cfg.get(key) is not None:
            facts[key] = list(cfg[key])
    if "trainsize" in facts:
        facts.setdefault("hmsize", [side // STRIDE for side in facts["trainsize"]])
    return facts


def _fill_transforms(reader: Any, facts: Dict[str, Any]) -> None:
    for key in ("sample_transforms", "batch_transforms"):
        for operators in reader.get(key) or []:
            for name, options in operators.items():
                known = inspect.signature(getattr(transforms, name).__init__)
                for fact in set(facts) & set(known.parameters):
                    options.setdefault(fact, facts[fact])
