"""Blocks of the two backbones: CornerNet's, the paper's, and shared ones.

Shapes: N images, C channels, H x W pixels.
"""

import math
from typing import Optional

import paddle.nn as nn
from paddle import Tensor


def batch_norm(channels: int) -> nn.BatchNorm2D:
    """Batch-norm that keeps 0.9 of its statistics: PyTorch's momentum of 0.1."""
    return nn.BatchNorm2D(channels, momentum=0.9, epsilon=1e-5)


def conv_bn(
    in_channels: int,
    out_channels: int,
    kernel_size: int,
    stride: int = 1,
    activation: bool = True,
) -> nn.Sequential:
    """Convolution with "same" padding, batch-norm and, if ``activation``, ReLU."""
    padding = kernel_size // 2
    conv = nn.Conv2D(
        in_channels, out_channels, kernel_size, stride, padding, bias_attr=False
    )
    layers = [conv, batch_norm(out_channels)]
    return nn.Sequential(*layers, nn.ReLU()) if activation else nn.Sequential(*layers)


def initialise(layer: nn.Layer, std: Optional[float]) -> None:
    """Initialise the weights of all convolutions in a layer.

    They are normal with a standard deviation of ``std``.  If that is None, it is He et
    al.'s (2015), which depends on each convolution's size.
    """
    he = nn.initializer.KaimingNormal()
    init = he if std is None else nn.initializer.Normal(std=std)
    for conv in layer.sublayers(include_self=True):
        if isinstance(conv, nn.Conv2D):
            init(conv.weight)


class BasicBlock(nn.Layer):
    """Two 3x3 convolutions around a shortcut (He et al. 2016, basic block).

    (N, in_channels, H, W) -> (N, out_channels, H/stride, W/stride)
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = conv_bn(in_channels, out_channels, 3, stride)
        self.conv2 = conv_bn(out_channels, out_channels, 3, activation=False)
        self.shortcut: Optional[nn.Layer] = None
        if stride != 1 or in_channels != out_channels:
            self.shortcut = conv_bn(in_channels, out_channels, 1, stride, False)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.shortcut is None else self.shortcut(x)
        return self.relu(self.conv2(self.conv1(x)) + shortcut)


def residual_stage(
    blocks: int, in_channels: int, out_channels: int, stride: int = 1
) -> nn.Sequential:
    """A chain of ``blocks`` whose first block changes channels and stride."""
    chain = [BasicBlock(in_channels, out_channels, stride)]
    chain += [BasicBlock(out_channels, out_channels) for _ in range(blocks - 1)]
    return nn.Sequential(*chain)


def narrowing_stage(blocks: int, in_channels: int, out_channels: int) -> nn.Sequential:
    """A chain of ``blocks`` whose last block changes the channels."""
    chain = [BasicBlock(in_channels, in_channels) for _ in range(blocks - 1)]
    chain += [BasicBlock(in_channels, out_channels)]
    return nn.Sequential(*chain)


class Bottleneck(nn.Layer):
    """1x1, 3x3 and 1x1 convolutions, each after batch-norm and ReLU.

    Pre-activation as in He et al., "Identity Mappings in Deep Residual Networks",
    ECCV 2016; half the channels inside, as in Newell et al., figure 4.

    (N, in_channels, H, W) -> (N, out_channels, H, W)
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        middle = out_channels // 2
        self.norm1, self.conv1 = batch_norm(in_channels), conv(in_channels, middle)
        self.norm2, self.conv2 = batch_norm(middle), conv(middle, middle, 3)
        self.norm3, self.conv3 = batch_norm(middle), conv(middle, out_channels)
        self.shortcut: Optional[nn.Layer] = None
        if in_channels != out_channels:
            self.shortcut = conv(in_channels, out_channels)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.shortcut is None else self.shortcut(x)
        x = self.conv1(self.relu(self.norm1(x)))
        x = self.conv2(self.relu(self.norm2(x)))
        return self.conv3(self.relu(self.norm3(x))) + shortcut


def chain(blocks: int, in_channels: int, out_channels: int) -> nn.Sequential:
    """``blocks`` bottlenecks, of which the first changes the channels."""
    bottlenecks = [Bottleneck(in_channels, out_channels)]
    bottlenecks += [Bottleneck(out_channels, out_channels) for _ in range(blocks - 1)]
    return nn.Sequential(*bottlenecks)


def conv_norm_relu(in_channels: int, out_channels: int, kernel: int, stride: int = 1):
    """Convolution, batch-norm and ReLU, in this order."""
    layer = conv(in_channels, out_channels, kernel, stride)
    return nn.Sequential(layer, batch_norm(out_channels), nn.ReLU())


def conv(in_channels: int, out_channels: int, kernel: int = 1, stride: int = 1):
    """Convolution with bias and PyTorch's initialisation, as in the original."""
    bound = 1 / math.sqrt(in_channels * kernel**2)
    init = nn.initializer.Uniform(-bound, bound)
    options = {"padding": kernel // 2, "weight_attr": init, "bias_attr": init}
    return nn.Conv2D(in_channels, out_channels, kernel, stride, **options)


def upsample_nearest(x: Tensor) -> Tensor:
    """Double height and width by repetition: (N, C, H, W) -> (N, C, 2H, 2W).

    Bit-identical to ``interpolate(scale_factor=2)``.  It is an expand because
    the interpolate operator neither exports to ONNX nor runs under oneDNN in
    Paddle 3's program format.
    """
    channels, height, width = x.shape[1:]
    x = x.reshape([0, channels, height, 1, width, 1])
    x = x.expand([-1, channels, height, 2, width, 2])
    return x.reshape([0, channels, 2 * height, 2 * width])
