"""Hourglass human pose estimation for PaddleDetection.

Importing the package is light; ``ppdet_hourglass.plugin`` registers its
modules with PaddleDetection (the configs do that by themselves).
"""

__version__ = "0.1.0"
