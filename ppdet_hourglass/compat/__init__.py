"""Configs and weight files, and what differs between versions of what they come from.

The package works with PyPI's paddledet 2.6.0 and GitHub checkouts from 2.7 on, and with
Paddle 2.6.2 and 3.x.  ``stock`` finds out what differs between them.
"""
