"""The backbone ``StackedHourglass``: the network of the paper.

Newell, Yang and Deng, "Stacked Hourglass Networks for Human Pose Estimation",
ECCV 2016, with the layer order of the PyTorch versions of bearpaw and anibali.
"""

from typing import List

import paddle.nn as nn
from paddle import Tensor
from ppdet.core.workspace import register, serializable
from ppdet.modeling.shape_spec import ShapeSpec

from ...errors import UserError
from .hourglass import STRIDE, Hourglass, check_size, run
from .preactivation import PreActivation, chain, conv_norm_relu, projection

__all__ = ["StackedHourglass"]

#: Channels of the stem: after its convolution and after its first bottleneck.
STEM_CHANNELS = (64, 128)


def pooled_hourglass(depth: int, channels: int, blocks: int) -> Hourglass:
    """An hourglass that max-pools on its way down, of equal width throughout."""
    if depth > 1:
        inner: nn.Layer = pooled_hourglass(depth - 1, channels, blocks)
    else:
        inner = chain(blocks, channels)
    return Hourglass(
        skip=chain(blocks, channels),
        down=nn.Sequential(nn.MaxPool2D(2), chain(blocks, channels)),
        inner=inner,
        up=chain(blocks, channels),
    )


@register
@serializable
class StackedHourglass(nn.Layer):
    """Hourglasses that each predict heatmaps, which the next one sees.

    The heatmaps come from the backbone itself, since the links need them: the
    architecture takes ``head: null``.

    Args:
        num_stacks: hourglasses; each predicts.
        num_blocks: bottlenecks per branch; 1 in the public checkpoints.
        channels: width of all features.
        downsample_times: levels of each hourglass.
        recompute: compute each hourglass again in the backward pass instead of
            keeping its activations.
        num_joints: K; shared with the config's top-level ``num_joints``.

    Raises:
        UserError: a number is not positive, or an image's size is not divisible
            by ``4 * 2 ** downsample_times``.
    """

    __shared__ = ["num_joints"]

    def __init__(
        self,
        num_stacks=8,
        num_blocks=1,
        channels=256,
        downsample_times=4,
        recompute=False,
        num_joints=16,
    ) -> None:
        super().__init__()
        _check_positive(num_stacks, num_blocks, channels, downsample_times)
        self.num_stacks = num_stacks
        self.num_joints = num_joints
        self.downsample_times = downsample_times
        self.recompute = recompute
        first, second = STEM_CHANNELS
        self.stem = nn.Sequential(
            conv_norm_relu(3, first, 7, stride=2),
            PreActivation(first, second),
            nn.MaxPool2D(2),
            PreActivation(second, channels),
            PreActivation(channels, channels),
        )
        self.hourglasses = nn.LayerList(
            pooled_hourglass(downsample_times, channels, num_blocks)
            for _ in range(num_stacks)
        )
        self.features = nn.LayerList(
            nn.Sequential(
                chain(num_blocks, channels), conv_norm_relu(channels, channels, 1)
            )
            for _ in range(num_stacks)
        )
        self.heatmaps = nn.LayerList(
            projection(channels, num_joints) for _ in range(num_stacks)
        )
        self.remap_features = nn.LayerList(
            projection(channels, channels) for _ in range(num_stacks - 1)
        )
        self.remap_heatmaps = nn.LayerList(
            projection(num_joints, channels) for _ in range(num_stacks - 1)
        )

    @property
    def out_shape(self) -> List[ShapeSpec]:
        """Channels and stride of each stack's heatmaps, for PaddleDetection."""
        spec = ShapeSpec(channels=self.num_joints, stride=STRIDE)
        return [spec] * self.num_stacks

    def forward(self, image: Tensor) -> List[Tensor]:
        """(N, 3, H, W) -> ``num_stacks`` x (N, K, H/4, W/4)."""
        check_size(image, self.downsample_times, type(self).__name__)
        x = self.stem(image)
        heatmaps = []
        for i, hourglass in enumerate(self.hourglasses):
            features = self.features[i](run(hourglass, x, self))
            heatmaps.append(self.heatmaps[i](features))
            if i < self.num_stacks - 1:
                remapped = self.remap_heatmaps[i](heatmaps[i])
                x = x + self.remap_features[i](features) + remapped
        return heatmaps


def _check_positive(*numbers: int) -> None:
    if min(numbers) < 1:
        raise UserError(
            "StackedHourglass.num_stacks, num_blocks, channels and downsample_times "
            f"must be at least 1, but got {', '.join(map(str, numbers))}"
        )
