"""The residual bottleneck of the original stacked hourglass."""

import math
from typing import Optional

import paddle.nn as nn
from paddle import Tensor

from .blocks import batch_norm


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
