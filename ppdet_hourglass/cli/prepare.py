"""``prepare``: cut the training people out of their images once."""

import argparse

from .. import __version__
from .options import add_config, add_workers, check_workers


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

    check_workers(args)
    cfg = load(args.config, args.opt)
    made_by = f"ppdet_hourglass {__version__}"
    prepare_people(cfg, args.output, args.workers, args.force, made_by)
