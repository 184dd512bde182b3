"""Targets of mmpose's ``MSRAHeatmap``."""

from typing import Dict

import numpy as np

from .. import real_mmpose  # noqa: F401
from ..inputs import SIZES, border_joints


def make() -> Dict[str, np.ndarray]:
    """Heatmaps and weights of people at and beyond the borders, for each size."""
    from mmpose.codecs import MSRAHeatmap

    arrays = {}
    for size, heatmap in SIZES.items():
        codec = MSRAHeatmap((size, size), (heatmap, heatmap), sigma=2)
        people = border_joints(size, seed=size)
        encoded = [
            codec.encode(joints[None], visible[None])
            for joints, visible in zip(people["joints"], people["visible"])
        ]
        arrays[f"{size}/target"] = np.stack([e["heatmaps"] for e in encoded])
        weights = [e["keypoint_weights"] for e in encoded]
        arrays[f"{size}/weight"] = np.concatenate(weights)
    return arrays
