"""Commands that make or check data sets: ``prepare``, ``sample``."""

import argparse
import logging

from .. import __version__
from .options import add_config, add_workers, check_least

logger = logging.getLogger(__name__)


def add_prepare(parser: argparse.ArgumentParser) -> None:
    """Add the config, the folder and the number of processes."""
    parser.description += (
        " Each person of the config's TrainDataset becomes a small image that training "
        "reads many times faster. The same command goes on after an interruption."
    )
    add_config(parser)
    parser.add_argument(
        "--output", required=True, metavar="DIR", help="folder for the people"
    )
    add_workers(parser)
    parser.add_argument(
        "--force", action="store_true", help="replace people prepared otherwise"
    )


def run_prepare(args: argparse.Namespace) -> None:
    """Cut out the people who are not there yet, then write the annotations."""
    from ..compat.config import load
    from ..data.prepared import prepare_people

    check_least(args, workers=1)
    cfg = load(args.config, args.opt)
    made_by = f"ppdet_hourglass {__version__}"
    prepare_people(cfg, args.output, args.workers, args.force, made_by)


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
