"""How well heatmaps point at their joints, measured while training.

Shapes: N people, K joints, H x W heatmap pixels.
"""

from paddle import Tensor

#: Distance below which a joint counts as found, in heatmap sizes (mmpose's default).
THRESHOLD = 0.05


def heatmap_accuracy(heatmaps: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """The figure that mmpose's logs call ``acc_pose``.

    A joint is found if the highest pixel of its heatmap is positive and lies within
    0.05 heatmap sizes of the target's.  (In mmpose's ``pose_pck_accuracy`` a heatmap
    without a positive pixel points just outside its corner instead of nowhere.)

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
    pixels = heatmaps.detach().astype("float32").flatten(2)
    here, there = pixels.argmax(axis=-1), target.flatten(2).argmax(axis=-1)
    dx = (here % width - there % width) * height  # whole numbers, so exact
    dy = (here // width - there // width) * width
    near = dx * dx + dy * dy < (THRESHOLD * width * height) ** 2
    counts = weight.squeeze(-1) > 0
    found = near & (pixels.max(axis=-1) > 0) & counts
    number = counts.astype("float32").sum(axis=0)
    shares = found.astype("float32").sum(axis=0) / number.clip(min=1)
    return shares.sum() / number.clip(max=1).sum().clip(min=1)
