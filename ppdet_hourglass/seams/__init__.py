"""All that this package knows of PaddleDetection's and Paddle's insides.

Works with PyPI's paddledet 2.6.0 and with GitHub checkouts from 2.7 on, with
Paddle 2.6.2 and 3.x.  :func:`install` is called once, when
:mod:`ppdet_hourglass.plugin` is imported, and fails loudly where it does not
find what it expects.
"""

from ppdet.engine import Trainer

from . import best_model, export, loader, metric, weights
from .keys import JOINTS_KEY, config_value

__all__ = ["JOINTS_KEY", "Trainer", "config_value", "install"]


def install() -> None:
    """Wrap trainer, checkpointer, exporter and data loader; once.

    Raises:
        ImportError: PaddleDetection or Paddle is not what a seam expects.
    """
    for seam in (metric, weights, best_model, export, loader):
        seam.install()
