"""princeton-vl/pytorch_stacked_hourglass.

Each of its residuals has a ``skip_layer``, but runs it only if the number of channels
changes.
"""

from .layout import Layout, Shapes

SKIP_LAYER = ".skip_layer.conv."


def _idle(key: str, shapes: Shapes) -> bool:
    """Whether a key belongs to a skip layer with equal numbers of channels."""
    if SKIP_LAYER not in key:
        return False
    weight = key[: key.index(SKIP_LAYER)] + SKIP_LAYER + "weight"
    out_channels, in_channels = shapes.get(weight, (1, 0))[:2]
    return out_channels == in_channels


PRINCETON = Layout(
    name="princeton-vl/pytorch_stacked_hourglass",
    marks=("hgs.", "pre.", "outs."),
    backbone="StackedHourglass",
    rules=(
        (r"\.skip_layer\.conv\.", ".shortcut."),
        (r"\.bn([123])\.", r".norm\1."),
        (r"\.conv([123])\.conv\.", r".conv\1."),
        (r"^pre\.", "backbone.stem."),
        (r"^hgs\.(\d+)\.0\.", r"backbone.hourglasses.\1."),
        # low2 is the next level where branches follow, else the bottom's residual
        (r"\.low2(?=\.(low|up)\d)", ".inner"),
        (r"\.up1\.", ".skip.0."),
        (r"\.low1\.", ".down.1.0."),
        (r"\.low2\.", ".inner.0."),
        (r"\.low3\.", ".up.0."),
        (r"^features\.(\d+)\.0\.", r"backbone.features.\1.0.0."),
        (r"^features\.(\d+)\.1\.", r"backbone.features.\1.1."),
        (r"^outs\.(\d+)\.conv\.", r"backbone.heatmaps.\1."),
        (r"^merge_features\.(\d+)\.conv\.conv\.", r"backbone.remap_features.\1."),
        (r"^merge_preds\.(\d+)\.conv\.conv\.", r"backbone.remap_heatmaps.\1."),
        # left: convolution and batch-norm of the stem and of the features
        (r"\.conv\.", ".0."),
        (r"\.bn\.", ".1."),
    ),
    configs={16: "hourglass8_mpii_256_princeton.yml"},
    config_options={"stem_channels": [64, 128, 128]},
    idle=_idle,
)
