"""Small checkpoints in bearpaw's and princeton's key layouts, as NumPy arrays."""

import numpy as np


class State(dict):
    """Arrays by key; ``conv_name`` is what princeton's convolutions add to a key."""

    def __init__(self, conv_name=""):
        super().__init__()
        self.conv_name = conv_name

    def conv(self, key, inputs, outputs, kernel=1):
        weight = np.full((outputs, inputs, kernel, kernel), 0.01, np.float32)
        self[f"{key}.weight"] = weight
        self[f"{key}.bias"] = np.full(outputs, 0.1, np.float32)

    def norm(self, key, channels):
        values = {"weight": 1, "bias": 0, "running_mean": 0, "running_var": 1}
        for name, value in values.items():
            self[f"{key}.{name}"] = np.full(channels, value, np.float32)
        self[f"{key}.num_batches_tracked"] = np.array(3)

    def residual(self, key, inputs, outputs, skip=None):
        """A bottleneck; ``skip`` is the key of its convolution beside it, if any."""
        widths = [inputs, outputs // 2, outputs // 2, outputs]
        for i, kernel in enumerate((1, 3, 1)):
            self.norm(f"{key}.bn{i + 1}", widths[i])
            name = f"{key}.conv{i + 1}{self.conv_name}"
            self.conv(name, widths[i], widths[i + 1], kernel)
        if skip:
            self.conv(f"{key}.{skip}", inputs, outputs)


def bearpaw(stacks=2, channels=8, joints=5, blocks=1):
    """``hg``: stem of 2, 4 and ``channels`` channels, four levels."""
    state = State()
    state.conv("conv1", 3, 2, 7)
    state.norm("bn1", 2)
    state.residual("layer1.0", 2, 4, "downsample.0")
    state.residual("layer2.0", 4, channels, "downsample.0")
    state.residual("layer3.0", channels, channels)
    for i in range(stacks):
        for level in range(4):
            for branch in range(4 if level == 0 else 3):
                for block in range(blocks):
                    key = f"hg.{i}.hg.{level}.{branch}.{block}"
                    state.residual(key, channels, channels)
        for block in range(blocks):
            state.residual(f"res.{i}.{block}", channels, channels)
        state.conv(f"fc.{i}.0", channels, channels)
        state.norm(f"fc.{i}.1", channels)
        state.conv(f"score.{i}", channels, joints)
        if i < stacks - 1:
            state.conv(f"fc_.{i}", channels, channels)
            state.conv(f"score_.{i}", joints, channels)
    return dict(state)


def princeton(stacks=2, channels=8, joints=5, increase=0):
    """``PoseNet``: stem of 2, 4 and 4 channels; the outermost level widens."""
    state = State(".conv")

    def residual(key, inputs, outputs):
        state.residual(key, inputs, outputs, "skip_layer.conv")

    def hourglass(key, depth, width, more):
        inner = width + more
        residual(f"{key}.up1", width, width)
        residual(f"{key}.low1", width, inner)
        if depth > 1:
            hourglass(f"{key}.low2", depth - 1, inner, 0)
        else:
            residual(f"{key}.low2", inner, inner)
        residual(f"{key}.low3", inner, width)

    state.conv("pre.0.conv", 3, 2, 7)
    state.norm("pre.0.bn", 2)
    residual("pre.1", 2, 4)
    residual("pre.3", 4, 4)
    residual("pre.4", 4, channels)
    for i in range(stacks):
        hourglass(f"hgs.{i}.0", 4, channels, increase)
        residual(f"features.{i}.0", channels, channels)
        state.conv(f"features.{i}.1.conv", channels, channels)
        state.norm(f"features.{i}.1.bn", channels)
        state.conv(f"outs.{i}.conv", channels, joints)
        if i < stacks - 1:
            state.conv(f"merge_features.{i}.conv.conv", channels, channels)
            state.conv(f"merge_preds.{i}.conv.conv", joints, channels)
    return dict(state)
