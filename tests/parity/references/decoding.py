"""mmpose's flip test and ``MSRAHeatmap.decode``, up to image pixels."""

from types import SimpleNamespace
from typing import Dict

import numpy as np
import torch

from .. import real_mmpose  # noqa: F401
from ..inputs import (
    CROP_SEED,
    DARK_KERNELS,
    MIRRORED_SEED,
    PEOPLE,
    PLAIN_SEED,
    SIZES,
    crops,
    heatmaps,
)


def make() -> Dict[str, np.ndarray]:
    """Joints in image pixels for each size, decoder and kind of flip test."""
    from mmpose.datasets import MpiiDataset

    order = MpiiDataset(lazy_init=True).metainfo["flip_indices"]
    arrays = {"flip_order": np.array(order)}
    for size, heatmap in SIZES.items():
        plain = heatmaps(PEOPLE, heatmap, PLAIN_SEED)
        mirrored = heatmaps(PEOPLE, heatmap, MIRRORED_SEED)
        averaged = {
            "plain": plain,
            "flip": _averaged(plain, mirrored, order, shift=False),
            "shift": _averaged(plain, mirrored, order, shift=True),
        }
        for test, maps in averaged.items():
            for name, options in _decoders().items():
                key = f"{size}/{test}/{name}"
                arrays[key] = _decoded(maps, size, heatmap, options)
    return arrays


def _decoders() -> Dict[str, dict]:
    dark = {
        f"dark_{kernel}": {"unbiased": True, "blur_kernel_size": kernel}
        for kernel in DARK_KERNELS
    }
    return {"quarter": {}, **dark}


def _averaged(
    plain: np.ndarray, mirrored: np.ndarray, order: list, shift: bool
) -> np.ndarray:
    from mmpose.models.utils.tta import flip_heatmaps

    back = flip_heatmaps(
        torch.from_numpy(mirrored.copy()),
        flip_indices=order,
        flip_mode="heatmap",
        shift_heatmap=shift,
    )
    return ((torch.from_numpy(plain) + back) * 0.5).numpy()


def _decoded(maps: np.ndarray, size: int, heatmap: int, options: dict) -> np.ndarray:
    """(N, K, 2) image pixels, as mmpose's estimator maps them back."""
    from mmengine.structures import InstanceData
    from mmpose.codecs import MSRAHeatmap
    from mmpose.models import TopdownPoseEstimator
    from mmpose.structures import PoseDataSample

    codec = MSRAHeatmap((size, size), (heatmap, heatmap), sigma=2, **options)
    where = crops(len(maps), CROP_SEED)
    predictions, samples = [], []
    for people_map, center, scale in zip(maps, where["center"], where["scale"]):
        keypoints, scores = codec.decode(people_map)
        predictions.append(InstanceData(keypoints=keypoints, keypoint_scores=scores))
        sample = PoseDataSample(
            metainfo={
                "input_size": (size, size),
                "input_center": center,
                "input_scale": scale * 200,
            }
        )
        sample.gt_instances = InstanceData(
            bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1)
        )
        samples.append(sample)
    TopdownPoseEstimator.add_pred_to_datasample(
        SimpleNamespace(test_cfg={}), predictions, None, samples
    )
    joints = [sample.pred_instances.keypoints for sample in samples]
    return np.concatenate(joints).astype(np.float64)
