"""One hourglass, by recursion.

Newell, Yang and Deng, "Stacked Hourglass Networks for Human Pose Estimation",
ECCV 2016, figure 3.
"""

from typing import Sequence

import paddle.nn as nn
from paddle import Tensor

from ...errors import UserError
from .blocks import narrowing, upsample_nearest, widening

#: Input pixels per heatmap pixel: the stem halves the image twice.
STRIDE = 4


class Hourglass(nn.Layer):
    """One hourglass of ``depth`` levels, the inner ones by recursion.

    (N, channels[0], H, W) -> (N, channels[0], H, W); H and W must be divisible
    by 2 ** depth.  ``channels`` and ``blocks`` list this level first and the
    bottom last.
    """

    def __init__(
        self, depth: int, channels: Sequence[int], blocks: Sequence[int]
    ) -> None:
        super().__init__()
        outer, inner = channels[0], channels[1]
        self.skip = widening(blocks[0], outer, outer)
        self.down = widening(blocks[0], outer, inner, stride=2)
        if depth > 1:
            self.inner = Hourglass(depth - 1, channels[1:], blocks[1:])
        else:
            self.inner = widening(blocks[1], inner, inner)
        self.up = narrowing(blocks[0], inner, outer)

    def forward(self, x: Tensor) -> Tensor:
        return self.skip(x) + upsample_nearest(self.up(self.inner(self.down(x))))


def check_size(image: Tensor, levels: int) -> None:
    """Refuse an image (N, 3, H, W) that ``levels`` halvings do not divide.

    Raises:
        UserError: H or W is not divisible by ``4 * 2 ** levels``.
    """
    height, width = image.shape[-2:]
    divisor = STRIDE * 2**levels
    if height % divisor or width % divisor:
        raise UserError(
            f"input size {width}x{height} (width x height) is not divisible "
            f"by {divisor} = {STRIDE} * 2 ** {levels} "
            "(HourglassNet.downsample_times); change trainsize or downsample_times"
        )
