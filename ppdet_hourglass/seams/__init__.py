"""All that this package knows of PaddleDetection's and Paddle's insides.

Works with PyPI's paddledet 2.6.0 and with GitHub checkouts from 2.7 on, with
Paddle 2.6.2 and 3.x.  :func:`install` is called once, when
:mod:`ppdet_hourglass.plugin` is imported, and fails loudly where it does not
find what it expects.
"""

from ppdet.engine import Trainer

from . import (
    best_model,
    coco,
    config_objects,
    export,
    keypoint_set,
    loader,
    metric,
    predict,
    weights,
)
from .coco import people_of
from .keypoint_set import apply_keypoints
from .keys import JOINTS_KEY, config_value

__all__ = [
    "JOINTS_KEY",
    "Trainer",
    "apply_keypoints",
    "config_value",
    "install",
    "people_of",
]


def install() -> None:
    """Wrap trainer, checkpointer, exporter, config and data loader; once.

    Raises:
        ImportError: PaddleDetection or Paddle is not what a seam expects.
    """
    trainer = (keypoint_set, metric, weights, best_model, export, predict)
    for seam in (*trainer, config_objects, loader, coco):
        seam.install()
