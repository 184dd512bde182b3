"""Target heatmaps by NumPy: what the codec must draw on any device."""

import numpy as np

SIGMA, RADIUS = 2.0, 6


def numpy_targets(joints, visible, stride, size):
    """Targets (N, K, H, W) and weights (N, K) of joints (N, K, 2), as float32."""
    nearest = np.trunc(joints / np.asarray(stride) + 0.5).astype(int)
    lowest, highest = -RADIUS - 1, np.asarray(size) + RADIUS - 1
    inside = ((nearest >= lowest) & (nearest <= highest)).all(axis=-1)
    weights = np.where(inside, visible, 0).astype(np.float32)
    squares = np.arange(-RADIUS, RADIUS + 1, dtype=np.float32) ** 2
    bump = np.pad(np.exp(-(squares + squares[:, None]) / (2 * SIGMA**2)), 1)
    x, y = (
        np.clip(np.arange(n) - nearest[..., i, None] + RADIUS + 1, 0, len(bump) - 1)
        for i, n in enumerate(size)
    )
    targets = bump[y[..., :, None], x[..., None, :]]
    return targets * (weights > 0.5)[..., None, None], weights
