"""The loss of the recipe, and the heatmaps' accuracy during training.

Shapes: N people, K joints, H x W heatmap pixels.
"""

from typing import List, Sequence

import paddle.nn as nn
from paddle import Tensor
from ppdet.core.workspace import register, serializable

#: Distance below which a joint counts as found, in heatmap sizes (mmpose's default).
THRESHOLD = 0.05


@register
@serializable
class HeatmapLoss(nn.Layer):
    """Mean squared error over people, joints and pixels of each stack.

    Training minimises the sum over the stacks.

    A joint of weight 0 (missing) adds nothing but counts in the mean, as in mmpose's
    ``KeypointMSELoss``.  The loss is computed in float32 for any precision of the
    network.

    Args:
        weight: factor of the loss; 1 in the recipe.
    """

    def __init__(self, weight=1.0) -> None:
        super().__init__()
        self.weight = weight

    def forward(
        self, heatmaps: Sequence[Tensor], target: Tensor, target_weight: Tensor
    ) -> List[Tensor]:
        """Scalar loss of each stack's heatmaps (N, K, H, W).

        ``target`` is (N, K, H, W); ``target_weight`` (N, K, 1), 0 for a missing joint.
        """
        joint_weight = target_weight.unsqueeze(-1)
        return [
            self.weight
            * ((stack.astype("float32") - target) * joint_weight).square().mean()
            for stack in heatmaps
        ]


def heatmap_accuracy(heatmaps: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """The figure that mmpose's logs call ``acc_pose``.

    It is the share of joints found, averaged over the joint names that occur in the
    batch.  A joint is found if the highest pixel of its heatmap is positive and lies
    within 0.05 heatmap sizes of the target's.  (In mmpose's ``pose_pck_accuracy``, a
    heatmap without a positive pixel points just outside its corner instead.)

    Args:
        heatmaps: (N, K, H, W), of any precision.
        target: (N, K, H, W).
        weight: (N, K, 1), 0 for a joint that does not count.

    Returns:
        Scalar in [0, 1], without gradient, on the tensors' device.
    """
    height, width = heatmaps.shape[2:]
    pixels = heatmaps.detach().astype("float32").flatten(2)
    peak, wanted = pixels.argmax(axis=-1), target.flatten(2).argmax(axis=-1)
    dx = (peak % width - wanted % width) * height  # whole numbers, so exact
    dy = (peak // width - wanted // width) * width
    near = dx * dx + dy * dy < (THRESHOLD * width * height) ** 2
    counts = weight.squeeze(-1) > 0
    found = near & (pixels.max(axis=-1) > 0) & counts
    number = counts.astype("float32").sum(axis=0)
    shares = found.astype("float32").sum(axis=0) / number.clip(min=1)
    return shares.sum() / number.clip(max=1).sum().clip(min=1)
