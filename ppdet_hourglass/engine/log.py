"""The log of a command line: this package's lines, as they are."""

import logging


def show_log(level: int = logging.INFO) -> None:
    """Show this package's log on standard error, from ``level`` on.

    The level is the package's own, not the root's, which importing Paddle 2.6 sets
    back.
    """
    logging.basicConfig(format="%(message)s")
    logging.getLogger(__name__.split(".")[0]).setLevel(level)
