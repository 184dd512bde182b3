"""``prepare-mpii``: convert MPII's own annotation file to this package's files."""

import argparse
import logging

from ..data.mpii.annotation_files import prepare_mpii
from .runner import show_log

DETAILS = (
    "It writes mpii_train.json, mpii_val.json and mpii_gt_val.mat of the Tompson "
    "split, and the test people."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add MPII's file and the folder to write to."""
    parser.add_argument("mat", help="mpii_human_pose_v1_u12_1.mat")
    parser.add_argument(
        "output", help="folder to write to, such as dataset/mpii/annotations"
    )
    parser.add_argument("--force", action="store_true", help="replace existing files")
    parser.add_argument(
        "--verbose", action="store_true", help="log each person who is dropped"
    )


def run(args: argparse.Namespace) -> None:
    """Read MPII's file, divide its people, and write all files."""
    if args.verbose:
        show_log(logging.DEBUG)
    prepare_mpii(args.mat, args.output, args.force)
