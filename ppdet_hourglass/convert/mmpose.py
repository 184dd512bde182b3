"""mmpose's hourglass-52 and hourglass-104.

Both are ``HourglassNet``.  In mmpose 0.x the head is ``TopdownHeatmapMultiStageHead``,
named ``keypoint_head``; in mmpose 1.x it is ``CPMHead``, named ``head``.
"""

from .layout import Layout

_BACKBONE = (
    (r"\.hourglass_modules\.", ".hourglasses."),
    (r"\.out_convs\.", ".outs."),
    (r"\.conv1x1s\.", ".remap_features."),
    (r"\.remap_convs\.", ".remap_outs."),
    (r"\.inters\.(\d+)\.", r".links.\1.0."),
    # branches of a level, then the two halves of a block
    (r"\.up1\.", ".skip."),
    (r"\.low1\.", ".down."),
    (r"\.low2(?=\.)", ".inner"),
    (r"\.low3\.", ".up."),
    (r"\.conv([12])\.", r".conv\1.0."),
    (r"\.bn([12])\.", r".conv\1.1."),
    (r"\.downsample\.", ".shortcut."),
    (r"\.conv\.", ".0."),
    (r"\.bn\.", ".1."),
)

_CONFIGS = {16: "hourglass_mpii_256.yml", 17: "hourglass_coco_256.yml"}


def _layout(version: str, head: str) -> Layout:
    heatmaps = f"{head}.multi_final_layers."
    return Layout(
        name=f"mmpose {version}",
        marks=("backbone.hourglass_modules.", heatmaps),
        backbone="HourglassNet",
        rules=(*_BACKBONE, (rf"^{head}\.multi_final_layers\.", "head.convs.")),
        configs=_CONFIGS,
        config_options={},
        evaluation=("TopDownHourglass.shift_heatmap=true",),
    )


MMPOSE_0 = _layout("0.x", "keypoint_head")
MMPOSE_1 = _layout("1.x", "head")
