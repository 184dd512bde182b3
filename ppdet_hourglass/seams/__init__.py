"""All that this package knows of PaddleDetection's and Paddle's insides.

Works with PyPI's paddledet 2.6.0 and with GitHub checkouts from 2.7 on, with
Paddle 2.6.2 and 3.x.  :func:`install` is called once, when
:mod:`ppdet_hourglass.plugin` is imported, and fails loudly where it does not
find what it expects.
"""

from . import best_model, loader, trainer
from .keys import JOINTS_KEY, config_value
from .trainer import Trainer

__all__ = ["JOINTS_KEY", "Trainer", "config_value", "install"]


def install() -> None:
    """Wrap trainer, checkpointer and data loader; a second call does nothing.

    Raises:
        ImportError: PaddleDetection or Paddle is not what a seam expects.
    """
    trainer.install()
    best_model.install()
    loader.install()
