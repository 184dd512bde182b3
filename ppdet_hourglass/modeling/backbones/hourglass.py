"""One hourglass, which both backbones build by recursion.

Newell, Yang and Deng, "Stacked Hourglass Networks for Human Pose Estimation",
ECCV 2016, figure 3.
"""

from typing import Sequence

import paddle
import paddle.nn as nn
from paddle import Tensor
from paddle.distributed.fleet.utils import recompute
from paddle.nn.layer.norm import _BatchNormBase

from ...data.crop import STRIDE
from ...errors import UserError
from .blocks import upsample_nearest


class Hourglass(nn.Layer):
    """One level: a ``skip`` branch around ``down``, ``inner`` and ``up``.

    (N, C, H, W) -> (N, C, H, W) with even H and W.  ``inner`` is the next level, which
    is another hourglass, or the bottom.
    """

    def __init__(
        self, skip: nn.Layer, down: nn.Layer, inner: nn.Layer, up: nn.Layer
    ) -> None:
        super().__init__()
        self.skip = skip
        self.down = down
        self.inner = inner
        self.up = up

    def forward(self, x: Tensor) -> Tensor:
        return self.skip(x) + upsample_nearest(self.up(self.inner(self.down(x))))


def run_hourglass(layer: Hourglass, x: Tensor, backbone: nn.Layer) -> Tensor:
    """Run ``layer(x)``, twice if training with ``backbone.recompute``.

    In that case only ``x`` is kept for the backward pass, which computes the rest
    again.  Loss, gradients and batch-norm statistics are those of ``layer(x)``: the
    second computation leaves the statistics alone.
    """
    if not (backbone.recompute and backbone.training):
        return layer(x)
    norms = [part for part in layer.sublayers() if isinstance(part, _BatchNormBase)]

    def run(x: Tensor) -> Tensor:
        if not paddle.is_grad_enabled():  # the forward pass
            return layer(x)
        momenta = [norm._momentum for norm in norms]
        for norm in norms:
            norm._momentum = 1.0  # in Paddle: keep all of the old statistics
        try:
            return layer(x)
        finally:
            for norm, momentum in zip(norms, momenta):
                norm._momentum = momentum

    # The network draws no random numbers.  With its random state, Paddle would also
    # swap NumPy's global state, from which the loader's thread draws meanwhile.
    return recompute(run, x, preserve_rng_state=False)


def check_levels(option: str, values: Sequence[int], levels: int) -> None:
    """Raise :class:`UserError` unless ``option`` lists each level and the bottom."""
    if len(values) != levels + 1 or min(values) < 1:
        expected = f"{levels + 1} positive numbers (downsample_times + 1)"
        raise UserError(f"{option} must list {expected}, but got {list(values)}")


def check_size(image: Tensor, levels: int, backbone: str) -> None:
    """Raise :class:`UserError` unless H and W of (N, 3, H, W) can be halved so often.

    ``levels`` halvings follow the stem's two; ``backbone`` is its name, for messages.
    """
    height, width = image.shape[-2:]
    divisor = STRIDE * 2**levels
    if height % divisor or width % divisor:
        problem = f"trainsize {width} x {height} is not divisible by {divisor}"
        raise UserError(f"{problem}, as {backbone}.downsample_times={levels} needs")
