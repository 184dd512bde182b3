"""``install`` and ``uninstall``: the configs in a PaddleDetection checkout."""

import argparse
import logging

from ..compat import checkout

logger = logging.getLogger(__name__)


def add_install(parser: argparse.ArgumentParser) -> None:
    """Add the checkout's folder."""
    parser.add_argument("checkout", help="folder of the checkout")


def run_install(args: argparse.Namespace) -> None:
    """Install, and log what to run in the checkout."""
    written = checkout.copy_configs(args.checkout)
    for name in written:
        logger.info(f"wrote {name}")
    logger.info(
        f"wrote {len(written)} configs to {args.checkout}; in that folder, run  "
        "python tools/train.py -c configs/hourglass_mpii_256.yml --eval\n"
        f"to undo, run  python -m ppdet_hourglass uninstall {args.checkout}"
    )


add_uninstall = add_install


def run_uninstall(args: argparse.Namespace) -> None:
    """Uninstall, and log the files that are kept."""
    done = checkout.remove_configs(args.checkout)
    for name in done["removed"]:
        logger.info(f"removed {name}")
    for name in done["kept"]:
        logger.warning(f"kept {name}: it was edited after it was installed")
