"""Names of hourglass weights in mmpose 1.x, by their names in this project."""

import re
from typing import List, Tuple

#: Applied in this order to a Paddle name.
RULES: List[Tuple[str, str]] = [
    (r"_mean$", "running_mean"),
    (r"_variance$", "running_var"),
    (r"^head\.convs\.", "head.multi_final_layers."),
    (r"\bstem\.0\.0\.", "stem.0.conv."),
    (r"\bstem\.0\.1\.", "stem.0.bn."),
    (r"\bhourglasses\.", "hourglass_modules."),
    (r"\binner\.", "low2."),
    (r"\bskip\.", "up1."),
    (r"\bdown\.", "low1."),
    (r"\bup\.", "low3."),
    (r"\bconv(\d)\.0\.", r"conv\1."),
    (r"\bconv(\d)\.1\.", r"bn\1."),
    (r"\bshortcut\.", "downsample."),
    (r"\bouts\.(\d)\.0\.", r"out_convs.\1.conv."),
    (r"\bouts\.(\d)\.1\.", r"out_convs.\1.bn."),
    (r"\bremap_features\.(\d)\.0\.", r"conv1x1s.\1.conv."),
    (r"\bremap_features\.(\d)\.1\.", r"conv1x1s.\1.bn."),
    (r"\bremap_outs\.(\d)\.0\.", r"remap_convs.\1.conv."),
    (r"\bremap_outs\.(\d)\.1\.", r"remap_convs.\1.bn."),
    (r"\blinks\.(\d)\.0\.", r"inters.\1."),
]


def mmpose_key(key: str) -> str:
    """``backbone.stem.0.0.weight`` -> ``backbone.stem.0.conv.weight``."""
    for pattern, replacement in RULES:
        key = re.sub(pattern, replacement, key)
    return key
