"""``browse``: one HTML page about the data that a config trains on."""

import argparse
import logging
import os

from ..errors import UserError
from .options import add_config

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the config, the page to write, and which people to show."""
    add_config(parser)
    parser.add_argument(
        "--output",
        default="browse.html",
        metavar="FILE",
        help="page (default: %(default)s)",
    )
    parser.add_argument(
        "--people",
        type=int,
        default=24,
        metavar="N",
        help="show N people, chosen at random (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        help="seed of the choice and the augmentation (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> None:
    """Write the page."""
    import numpy as np

    from ..compat.config import load
    from ..files import write_whole
    from ..report.data_pages import training_page, training_people, training_samples

    for name, least in (("people", 1), ("seed", 0)):
        if getattr(args, name) < least:
            raise UserError(
                f"--{name} must be at least {least}, but got {getattr(args, name)}"
            )
    people = training_people(load(args.config, args.opt))
    count = min(args.people, len(people))
    chosen = np.random.default_rng(args.seed).choice(len(people), count, replace=False)
    samples = list(training_samples(people, np.sort(chosen), args.seed))
    name = os.path.splitext(os.path.basename(args.config))[0]
    title = f"Training data of {name}"
    write_whole(args.output, training_page(people, samples, title, args.seed).encode())
    logger.info(f"page written to {args.output}; open it in a browser")
