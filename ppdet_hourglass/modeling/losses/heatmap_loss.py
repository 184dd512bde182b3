"""The recipe's loss: mean squared error of weighted heatmaps.

Shapes: N people, K joints, H x W heatmap pixels.
"""

from typing import Sequence

import paddle.nn as nn
from paddle import Tensor
from ppdet.core.workspace import register, serializable


@register
@serializable
class HeatmapLoss(nn.Layer):
    """Mean over people, joints and pixels; summed over stacks.

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
    ) -> Tensor:
        """Scalar loss of heatmaps (N, K, H, W) per stack.

        ``target`` is (N, K, H, W); ``target_weight`` (N, K, 1), 0 for a missing joint.
        """
        joint_weight = target_weight.unsqueeze(-1)
        losses = [
            ((stack.astype("float32") - target) * joint_weight).square().mean()
            for stack in heatmaps
        ]
        return self.weight * sum(losses[1:], losses[0])
