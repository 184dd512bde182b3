"""Telling a config's readers and data sets what it states once.

PaddleDetection wants crop size, colours and flip pairs repeated in each transform.
Here the top-level keys ``trainsize``, ``hmsize``, ``mean`` and ``std`` and the keypoint
file say them once; what a transform says itself stays.
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
    """Fill in what readers and data sets leave to the top-level keys.

    Args:
        cfg: the loaded config, with ``keypoints``; changed in place.

    Returns:
        the keypoint set of its file.

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
        if isinstance(cfg.get(name), KeypointTopDownBaseDataset):
            _fill_dataset(cfg[name], cfg, keypoints)
    return keypoints


def _facts(cfg: Any, keypoints: KeypointSet) -> Dict[str, Any]:
    """What transforms ask for, by the name of their parameter."""
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


def _fill_dataset(dataset: Any, cfg: Any, keypoints: KeypointSet) -> None:
    dataset.ann_info["num_joints"] = len(keypoints)
    dataset.dataset_dir = dataset.dataset_dir or cfg.get("dataset_dir", "")
    dataset.img_prefix = os.path.join(dataset.dataset_dir, dataset.image_dir)
