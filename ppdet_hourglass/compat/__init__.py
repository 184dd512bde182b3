"""Names and conventions of PaddleDetection and Paddle that differ between versions.

The package works with PyPI's paddledet 2.6.0 and GitHub checkouts from 2.7 on, and with
Paddle 2.6.2 and 3.x.  Only this folder depends on the version.
"""
