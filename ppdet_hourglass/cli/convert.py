"""``convert``: turn public PyTorch checkpoints into this package's weights."""

import argparse
import logging
import os
import shlex

from ..compat.state_file import PDPARAMS
from ..errors import UserError
from ..files import check_file_writable

logger = logging.getLogger(__name__)

DETAILS = (
    "It reads hourglass checkpoints of mmpose (0.x or 1.x), bearpaw/pytorch-pose, "
    "anibali/pytorch-stacked-hourglass and princeton-vl/pytorch_stacked_hourglass, "
    "recognised by their keys, and prints the new name of every key and the config to "
    "use."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add checkpoint and output."""
    parser.add_argument("source", metavar="SOURCE", help="PyTorch checkpoint")
    parser.add_argument(
        "out",
        metavar=f"OUT{PDPARAMS}",
        help="file to write; it must not exist unless --overwrite is given",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace OUT if it exists"
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="read the converted weights back, run the network on a random image of "
        "a fixed seed, and require finite heatmaps of the right size from each stack; "
        "needs no data, and does not compare with PyTorch's network",
    )


def run(args: argparse.Namespace) -> None:
    """Convert SOURCE and write OUT."""
    if not args.out.endswith(PDPARAMS):
        raise UserError(f"OUT must end in {PDPARAMS}, but got {args.out}")
    if os.path.exists(args.out) and not args.overwrite:
        raise UserError(f"{args.out} exists: add --overwrite to replace it")
    check_file_writable(args.out)
    from ..convert.conversion import convert_checkpoint

    config, *options = convert_checkpoint(args.source, args.out, args.verify)
    options = [shlex.quote(option) for option in [*options, f"weights={args.out}"]]
    logger.info(
        f"wrote {args.out}; evaluate: python tools/eval.py -c {config} -o "
        + " ".join(options)
    )
