"""``install``: copy the configs into a PaddleDetection checkout."""

import argparse
import logging

from ..compat import checkout

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the checkout's folder."""
    parser.add_argument("checkout", help="folder of the checkout")


def run(args: argparse.Namespace) -> None:
    """Install, and say what to run there."""
    written = checkout.copy_configs(args.checkout)
    for name in written:
        logger.info(f"wrote {name}")
    logger.info(
        f"{len(written)} configs written to {args.checkout}; run there:  "
        "python tools/train.py -c configs/hourglass_mpii_256.yml --eval\n"
        f"undo with:  python -m ppdet_hourglass uninstall {args.checkout}"
    )
