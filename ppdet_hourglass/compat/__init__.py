"""Configs, devices and weight files, as PaddleDetection and Paddle have them.

The package works with PyPI's paddledet 2.6.0 and GitHub checkouts from 2.7 on, and with
Paddle 2.6.2 and 3.x.  Names that differ between them are found out here.  ``predict``
finds out which Paddle exported a model.
"""
