"""Giving a config's readers and data sets what its keypoint file says.

``keypoints: FILE`` in a config gives the stock parts what they would have to be told
one by one: ``num_joints``, the flip pairs and upper body of keypoint transforms, and
the joints and folder of stock COCO data sets.
"""

import inspect
import os
from typing import Any

import ppdet.data.transform as transforms
from ppdet.data.source.keypoint_coco import KeypointTopDownBaseDataset

from ..errors import UserError
from ..keypoints.keypoint_file import read_keypoints
from ..keypoints.keypoint_set import KeypointSet


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
