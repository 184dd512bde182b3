"""Patches of PaddleDetection's trainer and its helpers, and of Paddle's data loader.

Each patch checks that the functions and attributes that it relies on exist.
"""

from . import (
    config_objects,
    evaluation,
    export,
    keypoint_set,
    learning_rate,
    loader,
    metric,
    predict,
    training,
    training_step,
    unreadable_image,
    weights,
)

PATCHES = (
    keypoint_set,
    metric,
    weights,
    training,
    learning_rate,
    evaluation,
    export,
    predict,
    config_objects,
    loader,
    unreadable_image,
    training_step,
)


def install() -> None:
    """Install every patch; importing :mod:`ppdet_hourglass.plugin` calls this.

    Raises:
        ImportError: PaddleDetection or Paddle is not what a patch expects.
    """
    for patch in PATCHES:
        patch.install()
