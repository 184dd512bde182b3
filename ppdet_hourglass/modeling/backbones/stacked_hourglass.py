"""The backbone ``StackedHourglass``: the network of the paper.

Newell, Yang and Deng, "Stacked Hourglass Networks for Human Pose Estimation",
ECCV 2016, with the layer order of the PyTorch versions of bearpaw and anibali.
Princeton-vl's version has the same bottlenecks and links; its narrower stem and
its wider levels (``increase``) are options.
"""

from typing import List, Sequence

import paddle.nn as nn
from paddle import Tensor
from ppdet.core.workspace import register, serializable
from ppdet.modeling.shape_spec import ShapeSpec

from ...data.crop import STRIDE
from ...errors import UserError
from .blocks import Bottleneck, chain, conv, conv_norm_relu
from .hourglass import Hourglass, check_levels, check_size, run_hourglass


def pooled_hourglass(channels: Sequence[int], blocks: int) -> Hourglass:
    """An hourglass that max-pools on its way down.

    ``channels`` are those of each level, outermost first, and of the bottom; each
    branch has ``blocks`` bottlenecks.
    """
    outer, inner = channels[:2]
    if len(channels) > 2:
        core: nn.Layer = pooled_hourglass(channels[1:], blocks)
    else:
        core = chain(blocks, inner, inner)
    return Hourglass(
        skip=chain(blocks, outer, outer),
        down=nn.Sequential(nn.MaxPool2D(2), chain(blocks, outer, inner)),
        inner=core,
        up=chain(blocks, inner, outer),
    )


def pooled_stem(stem_channels: Sequence[int], channels: int) -> nn.Sequential:
    """(N, 3, H, W) -> (N, ``channels``, H/4, W/4), with the backbone's options."""
    if len(stem_channels) not in (2, 3) or min(stem_channels) < 1:
        expected = "StackedHourglass.stem_channels must list 2 or 3 positive numbers"
        raise UserError(f"{expected}, but got {list(stem_channels)}")
    first, second, third = [*stem_channels, channels][:3]
    return nn.Sequential(
        conv_norm_relu(3, first, 7, stride=2),
        Bottleneck(first, second),
        nn.MaxPool2D(2),
        Bottleneck(second, third),
        Bottleneck(third, channels),
    )


@register
@serializable
class StackedHourglass(nn.Layer):
    """Hourglasses that each predict heatmaps and pass them on to the next.

    The backbone predicts the heatmaps itself, because the links need them; the
    architecture therefore takes ``head: null``.

    Args:
        num_stacks: number of hourglasses; each predicts heatmaps.
        num_blocks: bottlenecks per branch; 1 in the public checkpoints.
        channels: channels of all features.
        downsample_times: levels of each hourglass.
        stage_channels: channels of each level and the bottom, ``downsample_times + 1``
            numbers, the first ``channels``; null for ``channels`` throughout, as in
            the paper.
        stem_channels: channels after the stem's convolution, its first and, if there
            is a third number, its second bottleneck (else ``channels``).
            [64, 128, 128] is princeton-vl's stem.
        recompute: compute each hourglass again in the backward pass instead of
            keeping its activations.
        num_joints: K; shared with the config's top-level ``num_joints``.

    Raises:
        UserError: a list does not fit the other options, or an image's size is not
            divisible by ``4 * 2 ** downsample_times``.
    """

    __shared__ = ["num_joints"]

    def __init__(
        self,
        num_stacks=8,
        num_blocks=1,
        channels=256,
        downsample_times=4,
        stage_channels=None,
        stem_channels=[64, 128],
        recompute=False,
        num_joints=16,
    ) -> None:
        super().__init__()
        self.num_stacks = num_stacks
        self.num_joints = num_joints
        self.downsample_times = downsample_times
        self.recompute = recompute
        stages = stage_channels or [channels] * (downsample_times + 1)
        check_levels("StackedHourglass.stage_channels", stages, downsample_times)
        if stages[0] != channels:
            expected = f"must begin with channels={channels}, but got {list(stages)}"
            raise UserError(f"StackedHourglass.stage_channels {expected}")
        self.stem = pooled_stem(stem_channels, channels)
        self.hourglasses = nn.LayerList(
            pooled_hourglass(stages, num_blocks) for _ in range(num_stacks)
        )
        self.features = nn.LayerList(
            nn.Sequential(
                chain(num_blocks, channels, channels),
                conv_norm_relu(channels, channels, 1),
            )
            for _ in range(num_stacks)
        )
        self.heatmaps = nn.LayerList(
            conv(channels, num_joints) for _ in range(num_stacks)
        )
        self.remap_features = nn.LayerList(
            conv(channels, channels) for _ in range(num_stacks - 1)
        )
        self.remap_heatmaps = nn.LayerList(
            conv(num_joints, channels) for _ in range(num_stacks - 1)
        )

    @property
    def out_shape(self) -> List[ShapeSpec]:
        """Channels and stride of each stack's heatmaps, for PaddleDetection."""
        return [ShapeSpec(self.num_joints, stride=STRIDE)] * self.num_stacks

    def forward(self, image: Tensor) -> List[Tensor]:
        """(N, 3, H, W) -> ``num_stacks`` x (N, K, H/4, W/4)."""
        check_size(image, self.downsample_times, type(self).__name__)
        x = self.stem(image)
        heatmaps = []
        for i, hourglass in enumerate(self.hourglasses):
            features = self.features[i](run_hourglass(hourglass, x, self))
            heatmaps.append(self.heatmaps[i](features))
            if i < self.num_stacks - 1:
                remapped = self.remap_heatmaps[i](heatmaps[i])
                x = x + self.remap_features[i](features) + remapped
        return heatmaps
