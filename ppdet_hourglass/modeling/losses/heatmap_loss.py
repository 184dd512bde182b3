"""The recipe's loss: mean squared error of weighted heatmaps.

Shapes: N people, K joints, H x W heatmap pixels.
"""

from typing import List, Sequence

import paddle.nn as nn
from paddle import Tensor
from ppdet.core.workspace import register, serializable


@register
@serializable
class HeatmapLoss(nn.Layer):
    """Mean over people, joints and pixels, of each stack; a training adds them up.

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
