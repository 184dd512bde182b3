"""The head: heatmaps from the features of each stack."""

from typing import Any, Dict, List, Sequence

import paddle.nn as nn
from paddle import Tensor
from ppdet.core.workspace import register
from ppdet.modeling.shape_spec import ShapeSpec

#: Standard deviation of the initial weights, as in mmpose's ``CPMHead``: heatmaps start
#: almost empty.
HEAD_INIT_STD = 0.001


@register
class HourglassHead(nn.Layer):
    """A 1x1 convolution per stack: K heatmaps from C feature channels.

    Args:
        in_channels: C of each stack, from the backbone's ``out_shape``.
        num_joints: K; shared with the config's top-level ``num_joints``.
    """

    __shared__ = ["num_joints"]

    def __init__(self, in_channels=[256], num_joints=16) -> None:
        super().__init__()
        self.convs = nn.LayerList(
            nn.Conv2D(
                channels,
                num_joints,
                1,
                weight_attr=nn.initializer.Normal(std=HEAD_INIT_STD),
                bias_attr=nn.initializer.Constant(0.0),
            )
            for channels in in_channels
        )

    @classmethod
    def from_config(cls, cfg: Any, input_shape: Sequence[ShapeSpec]) -> Dict[str, Any]:
        """Read the channels from the backbone (called by PaddleDetection)."""
        return {"in_channels": [shape.channels for shape in input_shape]}

    def forward(self, features: Sequence[Tensor]) -> List[Tensor]:
        """One (N, C, H/4, W/4) per stack -> one (N, K, H/4, W/4) per stack."""
        return [conv(feature) for conv, feature in zip(self.convs, features)]
