"""What a prediction is."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Pose:
    """One person's joints; K as many as the network's keypoint set has.

    Attributes:
        keypoints: (K, 2) float32, x and y in 0-based pixels of the given image.
        scores: (K,) float32, height of each joint's heatmap at its peak, about 0 to 1.
        box: (4,) float32, x, y, width, height in 0-based pixels of the given image:
            where the person was looked for.
        score: mean of ``scores``, times the given box's score if it has one.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    box: np.ndarray
    score: float
