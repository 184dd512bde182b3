"""Where princeton-vl's crop shows a joint, and where its target puts the peak.

bearpaw's and anibali's code follows the same steps.  Needs OpenCV and a clone as in
``newell``.
"""

import importlib
import sys
from types import ModuleType
from typing import Any, Dict

import cv2
import numpy as np

from .newell import repositories

JOINTS = 400
CROP, HEATMAP = 256, 64
WIDTH, HEIGHT = 1280, 800

#: Radius in pixels of the disc that marks the joint; its centroid is the joint.
DISC = 12


def _image_functions() -> Any:
    """The repository's ``utils/img.py``, which imports scipy.misc without use."""
    sys.modules.setdefault("scipy.misc", ModuleType("scipy.misc"))
    folder = str(repositories() / "pytorch_stacked_hourglass")
    sys.path.insert(0, folder)
    try:
        return importlib.import_module("utils.img")
    finally:
        sys.path.remove(folder)


def _centroid(image: np.ndarray) -> np.ndarray:
    y, x = np.indices(image.shape)
    return np.array([(image * x).sum(), (image * y).sum()]) / image.sum()


def make() -> Dict[str, np.ndarray]:
    """For N joints: where they are ``seen`` (N, 2) in the crop, and their ``peak``."""
    functions = _image_functions()
    random = np.random.RandomState(0)
    seen, peaks = [], []
    for _ in range(JOINTS):
        scale = 1.25 * random.uniform(1.5, 5)
        center = np.round([WIDTH, HEIGHT] / np.array(2) + random.uniform(-60, 60, 2))
        joint = np.round(center + random.uniform(-0.3, 0.3, 2) * 200 * scale)
        joint = np.clip(joint, DISC, [WIDTH - DISC, HEIGHT - DISC])  # 1-based
        image = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        cv2.circle(image, tuple(int(v) - 1 for v in joint), DISC, (1, 1, 1), -1)
        crop = functions.crop(image, center, scale, (CROP, CROP))
        seen.append(_centroid(crop[..., 0]))
        in_crop = functions.transform(joint, center, scale, (CROP, CROP))
        peaks.append(in_crop * HEATMAP // CROP)
    return {"seen": np.array(seen), "peak": np.array(peaks)}
