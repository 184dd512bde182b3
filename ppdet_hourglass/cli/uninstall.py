"""``uninstall``: remove the configs from a PaddleDetection checkout."""

import argparse
import logging

from ..compat import checkout

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the checkout's folder."""
    parser.add_argument("checkout", help="folder of the checkout")


def run(args: argparse.Namespace) -> None:
    """Uninstall, and name the files that were kept."""
    done = checkout.remove_configs(args.checkout)
    for name in done["removed"]:
        logger.info(f"removed {name}")
    for name in done["kept"]:
        logger.warning(f"kept {name}: it was edited after it was installed")
