"""``sample``: write a data set of drawn people."""

import argparse
import logging

logger = logging.getLogger(__name__)


def add_sample(parser: argparse.ArgumentParser) -> None:
    """Add the folder, the numbers of images and the seed."""
    parser.add_argument("folder", help="folder to write")
    parser.add_argument(
        "--train", type=int, default=2400, help="number of training images"
    )
    parser.add_argument(
        "--val", type=int, default=300, help="number of validation images"
    )
    parser.add_argument("--seed", type=int, default=0, help="random seed of the people")


def run_sample(args: argparse.Namespace) -> None:
    """Draw and write the data set."""
    from ..sample import write_sample_dataset

    folder = write_sample_dataset(
        args.folder, train=args.train, val=args.val, seed=args.seed
    )
    logger.info(f"sample people written to {folder}")
