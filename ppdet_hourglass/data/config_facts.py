"""Filling in options of a config's readers and data sets that it states once.

PaddleDetection requires crop size, colours and flip pairs in every transform.  Here the
top-level keys ``trainsize``, ``hmsize``, ``mean`` and ``std`` and the keypoint file
state them once.  Options that a transform states itself are kept.
"""

import inspect
import os
from itertools import chain
from typing import Any

import ppdet.data.transform as transforms
from ppdet.data.source.keypoint_coco import KeypointTopDownBaseDataset

from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet, read_keypoints
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
        right = f"{keypoints.source} has {len(keypoints)} joints"
        raise UserError(
            f"config key 'num_joints' is {count}, but {right}: leave it out"
        )
    cfg["num_joints"] = len(keypoints)
    facts = {  # by the transforms' name of the parameter
        "flip_pairs": [list(pair) for pair in keypoints.pairs],
        "upper_body_ids": list(keypoints.upper_body),
    }
    for key in ("trainsize", "hmsize", "mean", "std"):
        if cfg.get(key) is not None:
            facts[key] = list(cfg[key])
    if "trainsize" in facts:
        facts.setdefault("hmsize", [side // STRIDE for side in facts["trainsize"]])
    for reader in READERS:
        options = cfg.get(reader) or {}
        steps = [
            options.get(f"{kind}_transforms") or [] for kind in ("sample", "batch")
        ]
        for step in chain(*steps):
            for name, arguments in step.items():
                known = inspect.signature(getattr(transforms, name).__init__).parameters
                for fact in set(facts) & set(known):
                    arguments.setdefault(fact, facts[fact])
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
