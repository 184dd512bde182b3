"""Convolutions that split a batch among threads, for training on CPUs.

Paddle's dynamic graph convolves one image after another and gains nothing from OpenMP
threads.  Here each thread convolves a part of the batch; Paddle releases Python's lock
meanwhile.

Shapes: N images, C channels, H x W pixels.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Callable, List, Tuple

import paddle
import paddle.nn as nn
from paddle import Tensor, _C_ops
from paddle.autograd import PyLayer

#: Results of a function on the parts of a batch, in order; each tensor is (N, ...).
Share = Callable[..., List[Any]]


def share_among(count: int) -> Share:
    """Split batches among threads; the calling thread takes the first part."""
    pool = ThreadPoolExecutor(count - 1)

    def without_gradients(function: Callable[..., Any], parts: List[Tensor]) -> Any:
        with paddle.no_grad():  # a thread's own setting
            return function(*parts)

    def share(function: Callable[..., Any], *batches: Tensor) -> List[Any]:
        size = -(-batches[0].shape[0] // count)
        starts = range(0, batches[0].shape[0], size)
        parts = [[batch[start : start + size] for batch in batches] for start in starts]
        later = [pool.submit(without_gradients, function, part) for part in parts[1:]]
        return [function(*parts[0]), *(result.result() for result in later)]

    return share


class ThreadedConv(PyLayer):
    """A convolution whose forward and backward passes split the batch."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, share: Share, *options: Any):
        ctx.save_for_backward(x, weight)
        ctx.share, ctx.options = share, options
        return paddle.concat(share(lambda x: _C_ops.conv2d(x, weight, *options), x))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tuple[Tensor, Tensor]:
        x, weight = ctx.saved_tensor()
        parts = ctx.share(
            lambda x, gradient: _C_ops.conv2d_grad(x, weight, gradient, *ctx.options),
            x,
            gradient,
        )
        of_x, of_weight = zip(*parts)
        of_image = None if x.stop_gradient else paddle.concat(of_x)
        return of_image, sum(of_weight[1:], of_weight[0])


def is_available() -> bool:
    """Whether Paddle offers the gradient of a convolution as a function."""
    return hasattr(_C_ops, "conv2d_grad")


def use_threads(network: nn.Layer, count: int) -> None:
    """Let the convolutions of a network split each batch among ``count`` threads.

    Args:
        network: its plain ``Conv2D`` layers are changed in place.
        count: at least 2.
    """
    share = share_among(count)
    for layer in network.sublayers(include_self=True):
        if type(layer) is nn.Conv2D:
            layer.forward = partial(convolve, layer, share)


def convolve(conv: nn.Conv2D, share: Share, x: Tensor) -> Tensor:
    """Apply the layer ``conv`` to (N, C, H, W)."""
    padding = conv._updated_padding
    padding = [padding] * 2 if isinstance(padding, int) else padding
    options = ["EXPLICIT", conv._dilation, conv._groups, conv._data_format]
    y = ThreadedConv.apply(x, conv.weight, share, conv._stride, padding, *options)
    return y if conv.bias is None else y + conv.bias.reshape([1, -1, 1, 1])
