"""Trading time for memory: activations computed again instead of kept."""

import paddle
import paddle.nn as nn
from paddle import Tensor
from paddle.distributed.fleet.utils import recompute
from paddle.nn.layer.norm import _BatchNormBase


def recomputed(layer: nn.Layer, x: Tensor) -> Tensor:
    """``layer(x)``, keeping only ``x`` for the backward pass.

    Loss, gradients and batch-norm statistics are those of ``layer(x)``: the second
    computation, during the backward pass, leaves the statistics alone.
    """
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

    return recompute(run, x)
