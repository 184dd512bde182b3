"""Small checkpoints in bearpaw's and princeton's key layouts, as NumPy arrays."""

import numpy as np


def conv(state, key, inputs, outputs, kernel=1):
    state[f"{key}.weight"] = np.full((outputs, inputs, kernel, kernel), 0.01)
    state[f"{key}.bias"] = np.full(outputs, 0.1)


def norm(state, key, channels):
    for name, value in (("weight", 1), ("bias", 0), ("running_mean", 0)):
        state[f"{key}.{name}"] = np.full(channels, float(value))
    state[f"{key}.running_var"] = np.ones(channels)
    state[f"{key}.num_batches_tracked"] = np.array(3)


def bearpaw(stacks=2, channels=8, joints=5, blocks=1):
    """``hg``: stem of 2, 4 and ``channels`` channels, four levels."""
    state = {}

    def residual(key, inputs, outputs):
        middle = outputs // 2
        norm(state, f"{key}.bn1", inputs)
        conv(state, f"{key}.conv1", inputs, middle)
        norm(state, f"{key}.bn2", middle)
        conv(state, f"{key}.conv2", middle, middle, 3)
        norm(state, f"{key}.bn3", middle)
        conv(state, f"{key}.conv3", middle, outputs)
        if inputs != outputs:
            conv(state, f"{key}.downsample.0", inputs, outputs)

    conv(state, "conv1", 3, 2, 7)
    norm(state, "bn1", 2)
    residual("layer1.0", 2, 4)
    residual("layer2.0", 4, channels)
    residual("layer3.0", channels, channels)
    for i in range(stacks):
        for level in range(4):
            for branch in range(4 if level == 0 else 3):
                for block in range(blocks):
                    key = f"hg.{i}.hg.{level}.{branch}.{block}"
                    residual(key, channels, channels)
        for block in range(blocks):
            residual(f"res.{i}.{block}", channels, channels)
        conv(state, f"fc.{i}.0", channels, channels)
        norm(state, f"fc.{i}.1", channels)
        conv(state, f"score.{i}", channels, joints)
        if i < stacks - 1:
            conv(state, f"fc_.{i}", channels, channels)
            conv(state, f"score_.{i}", joints, channels)
    return {key: as_saved(value) for key, value in state.items()}


def princeton(stacks=2, channels=8, joints=5, increase=0):
    """``PoseNet``: stem of 2, 4 and 4 channels; the outermost level widens."""
    state = {}

    def residual(key, inputs, outputs):
        middle = outputs // 2
        norm(state, f"{key}.bn1", inputs)
        conv(state, f"{key}.conv1.conv", inputs, middle)
        norm(state, f"{key}.bn2", middle)
        conv(state, f"{key}.conv2.conv", middle, middle, 3)
        norm(state, f"{key}.bn3", middle)
        conv(state, f"{key}.conv3.conv", middle, outputs)
        conv(state, f"{key}.skip_layer.conv", inputs, outputs)

    def hourglass(key, depth, width, more):
        inner = width + more
        residual(f"{key}.up1", width, width)
        residual(f"{key}.low1", width, inner)
        if depth > 1:
            hourglass(f"{key}.low2", depth - 1, inner, 0)
        else:
            residual(f"{key}.low2", inner, inner)
        residual(f"{key}.low3", inner, width)

    conv(state, "pre.0.conv", 3, 2, 7)
    norm(state, "pre.0.bn", 2)
    residual("pre.1", 2, 4)
    residual("pre.3", 4, 4)
    residual("pre.4", 4, channels)
    for i in range(stacks):
        hourglass(f"hgs.{i}.0", 4, channels, increase)
        residual(f"features.{i}.0", channels, channels)
        conv(state, f"features.{i}.1.conv", channels, channels)
        norm(state, f"features.{i}.1.bn", channels)
        conv(state, f"outs.{i}.conv", channels, joints)
        if i < stacks - 1:
            conv(state, f"merge_features.{i}.conv.conv", channels, channels)
            conv(state, f"merge_preds.{i}.conv.conv", joints, channels)
    return {key: as_saved(value) for key, value in state.items()}


def as_saved(value):
    return value.astype(np.int64 if value.ndim == 0 else np.float32)
