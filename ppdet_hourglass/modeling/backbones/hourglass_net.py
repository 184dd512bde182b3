"""The backbone ``HourglassNet``: hourglass-52 with one stack, -104 with two.

Stacks as in Newell et al. (ECCV 2016), blocks and widths as in CornerNet (Law and
Deng, ECCV 2018) and mmpose's ``HourglassNet``.
"""

from typing import List, Sequence

import paddle.nn as nn
from paddle import Tensor
from ppdet.core.workspace import register, serializable
from ppdet.modeling.shape_spec import ShapeSpec

from ...data.crop import STRIDE
from .blocks import conv_bn, initialise, narrowing_stage, residual_stage
from .hourglass import Hourglass, check_levels, check_size, run_hourglass


def strided_hourglass(channels: Sequence[int], blocks: Sequence[int]) -> Hourglass:
    """An hourglass that halves by strided convolution.

    ``channels`` and ``blocks`` (residual blocks per branch) are those of each level,
    outermost first, and of the bottom.
    """
    outer, inner = channels[:2]
    if len(channels) > 2:
        core: nn.Layer = strided_hourglass(channels[1:], blocks[1:])
    else:
        core = residual_stage(blocks[1], inner, inner)
    return Hourglass(
        skip=residual_stage(blocks[0], outer, outer),
        down=residual_stage(blocks[0], outer, inner, stride=2),
        inner=core,
        up=narrowing_stage(blocks[0], inner, outer),
    )


@register
@serializable
class HourglassNet(nn.Layer):
    """A stem and ``num_stacks`` hourglasses, one after another.

    Between two stacks the remapped features and the remapped output are added (Newell
    et al. 2016, figure 4, but without the heatmaps, as in mmpose).

    Args:
        num_stacks: number of hourglasses; each has an output.
        downsample_times: levels of each hourglass.
        stage_channels: channels of each level and the bottom,
            ``downsample_times + 1`` numbers.
        stage_blocks: residual blocks per branch of each level and the bottom,
            ``downsample_times + 1`` numbers.
        feat_channels: channels of each output.
        init_std: standard deviation of the initial weights; 0.001 in mmpose.  null for
            He et al.'s initialisation, which learns more in short runs.
        recompute: compute each hourglass again in the backward pass instead of
            keeping its activations.

    Raises:
        UserError: the lists do not fit ``downsample_times``, or an image's
            size is not divisible by ``4 * 2 ** downsample_times``.
    """

    def __init__(
        self,
        num_stacks=1,
        downsample_times=5,
        stage_channels=[256, 256, 384, 384, 384, 512],
        stage_blocks=[2, 2, 2, 2, 2, 4],
        feat_channels=256,
        init_std=0.001,
        recompute=False,
    ) -> None:
        super().__init__()
        check_levels("HourglassNet.stage_channels", stage_channels, downsample_times)
        check_levels("HourglassNet.stage_blocks", stage_blocks, downsample_times)
        self.num_stacks = num_stacks
        self.downsample_times = downsample_times
        self.feat_channels = feat_channels
        self.recompute = recompute
        width = stage_channels[0]

        self.stem = nn.Sequential(
            conv_bn(3, width // 2, 7, stride=2), residual_stage(1, width // 2, width, 2)
        )
        self.hourglasses = nn.LayerList(
            strided_hourglass(stage_channels, stage_blocks) for _ in range(num_stacks)
        )
        self.outs = nn.LayerList(
            conv_bn(width, feat_channels, 3) for _ in range(num_stacks)
        )
        links = num_stacks - 1
        self.remap_features = nn.LayerList(
            conv_bn(width, width, 1, activation=False) for _ in range(links)
        )
        self.remap_outs = nn.LayerList(
            conv_bn(feat_channels, width, 1, activation=False) for _ in range(links)
        )
        self.links = nn.LayerList(
            residual_stage(1, width, width) for _ in range(max(links, 1))
        )
        self.relu = nn.ReLU()
        if links == 0:
            # mmpose builds the first link even for one stack.  It is kept so that
            # parameter counts and checkpoints agree, but data-parallel training must
            # not wait for its gradients.
            for parameter in self.links.parameters():
                parameter.trainable = False
        initialise(self, init_std)

    @property
    def out_shape(self) -> List[ShapeSpec]:
        """Channels and stride of each stack's output, for PaddleDetection."""
        return [ShapeSpec(self.feat_channels, stride=STRIDE)] * self.num_stacks

    def forward(self, image: Tensor) -> List[Tensor]:
        """(N, 3, H, W) -> ``num_stacks`` x (N, feat_channels, H/4, W/4)."""
        check_size(image, self.downsample_times, type(self).__name__)
        features = self.stem(image)
        outs = []
        for i, hourglass in enumerate(self.hourglasses):
            outs.append(self.outs[i](run_hourglass(hourglass, features, self)))
            if i < self.num_stacks - 1:
                added = self.remap_features[i](features) + self.remap_outs[i](outs[i])
                features = self.links[i](self.relu(added))
        return outs
