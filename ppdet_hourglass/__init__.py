"""Hourglass human pose estimation for PaddleDetection.

Importing the package is light; ``ppdet_hourglass.plugin`` registers its
modules with PaddleDetection (the configs do that by themselves).
"""

from typing import Any

# Before any `import paddle` in this package: with paddle 2.6.2, pycocotools crashes
# the process (SIGSEGV in inflateReset2) unless cv2 was imported first.
import cv2  # noqa: F401

__version__ = "0.1.0"
__all__ = ["Predictor"]


def __getattr__(name: str) -> Any:
    """Import ``Predictor`` when it is first asked for."""
    if name == "Predictor":
        from .predictor import Predictor

        return Predictor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
