"""How well heatmaps point at their joints, measured while training.

Shapes: N people, K joints, H x W heatmap pixels.
"""

import paddle
from paddle import Tensor

#: Distance below which a joint counts as found, in heatmap sizes (mmpose's default).
THRESHOLD = 0.05


def heatmap_accuracy(heatmaps: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """The figure that mmpose's logs call ``acc_pose``.

    A joint is found if the highest pixel of its heatmap lies within 0.05 heatmap sizes
    of the target's.  A heatmap without a positive pixel points at (-1, -1), as in
    mmpose's ``pose_pck_accuracy``.

    Args:
        heatmaps: (N, K, H, W), of any precision.
        target: (N, K, H, W).
        weight: (N, K, 1), 0 for a joint that does not count.

    Returns:
        Scalar in [0, 1], without gradient, on the tensors' device: the share of found
        joints of each kind, averaged over the kinds of which the batch has a joint; 0
        if it has none.
    """
    height, width = heatmaps.shape[2:]
    dx, dy = (_peaks(heatmaps) - _peaks(target)).unbind(-1)
    near = (dx / width).square() + (dy / height).square() < THRESHOLD**2
    counts = weight.squeeze(-1) > 0
    number = counts.astype("float32").sum(axis=0)
    found = (near & counts).astype("float32").sum(axis=0)
    kinds = (number > 0).astype("float32").sum()
    return (found / number.clip(min=1)).sum() / kinds.clip(min=1)


def _peaks(heatmaps: Tensor) -> Tensor:
    """Highest pixels (N, K, 2) float32, x and y; -1 where no pixel is positive."""
    width = heatmaps.shape[3]
    flat = heatmaps.detach().astype("float32").flatten(2)
    index = flat.argmax(axis=-1)
    peaks = paddle.stack([index % width, index // width], axis=-1).astype("float32")
    positive = (flat.max(axis=-1) > 0).astype("float32").unsqueeze(-1)
    return (peaks + 1) * positive - 1
