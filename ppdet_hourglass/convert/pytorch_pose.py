"""bearpaw/pytorch-pose and its fork anibali/pytorch-stacked-hourglass.

A level's branches are numbered (0 skip, 1 down, 2 up; 3 the bottom, at level 0 only),
and levels count from the bottom: ``hg.STACK.hg.LEVEL.BRANCH.BLOCK``.
"""

from .layout import Layout, Rules

#: Levels of each hourglass; a constant in both repositories.
LEVELS = 4

_BRANCHES = ("skip", "down.1", "up", "inner")


def _branches() -> Rules:
    """One rule per level and branch; the outermost level has the highest number."""
    return [
        (
            rf"^hg\.(\d+)\.hg\.{level}\.{number}\.",
            rf"backbone.hourglasses.\1.{'inner.' * (LEVELS - 1 - level)}{branch}.",
        )
        for level in range(LEVELS)
        for number, branch in enumerate(_BRANCHES)
    ]


PYTORCH_POSE = Layout(
    name="bearpaw/pytorch-pose or anibali/pytorch-stacked-hourglass",
    marks=("hg.0.hg.", "score.0."),
    backbone="StackedHourglass",
    rules=(
        (r"\.bn([123])\.", r".norm\1."),
        (r"\.downsample\.0\.", ".shortcut."),
        (r"^conv1\.", "backbone.stem.0.0."),
        (r"^bn1\.", "backbone.stem.0.1."),
        (r"^layer1\.0\.", "backbone.stem.1."),
        (r"^layer2\.0\.", "backbone.stem.3."),
        (r"^layer3\.0\.", "backbone.stem.4."),
        *_branches(),
        (r"^res\.(\d+)\.", r"backbone.features.\1.0."),
        (r"^fc\.(\d+)\.", r"backbone.features.\1.1."),
        (r"^score\.", "backbone.heatmaps."),
        (r"^fc_\.", "backbone.remap_features."),
        (r"^score_\.", "backbone.remap_heatmaps."),
    ),
    configs={16: "hourglass8_mpii_256_bearpaw.yml"},
    config_options={},
)
