"""Wraps around PaddleDetection's trainer and its helpers, and Paddle's loader.

Each patch looks for what it relies on and fails loudly where it does not find it.
"""

from . import (
    checkpointer,
    config_objects,
    export,
    keypoint_set,
    loader,
    metric,
    predict,
    unreadable_image,
    weights,
)

PATCHES = (
    keypoint_set,
    metric,
    weights,
    checkpointer,
    export,
    predict,
    config_objects,
    loader,
    unreadable_image,
)


def install() -> None:
    """Install every patch; once, when :mod:`ppdet_hourglass.plugin` is imported.

    Raises:
        ImportError: PaddleDetection or Paddle is not what a patch expects.
    """
    for patch in PATCHES:
        patch.install()
