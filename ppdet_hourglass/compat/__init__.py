"""Configs, weight files, and the differences between PaddleDetection versions.

The package works with PyPI's paddledet 2.6.0 and GitHub checkouts since 2.7, and with
Paddle 2.6.2 and 3.x.  ``stock`` handles the differences between them.
"""
