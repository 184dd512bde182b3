"""``grid``: draw predictions beside the ground truth, as one picture."""

import argparse
import logging
import os

from .options import add_people

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the results, the picture to write, and the data set."""
    parser.add_argument(
        "results", help="keypoints_results.json of an evaluation or a prediction"
    )
    parser.add_argument("output", help="picture to write, .png or .jpg")
    add_people(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--people",
        type=int,
        default=12,
        metavar="N",
        help="draw the first N people (default: %(default)s)",
    )
    which.add_argument(
        "--worst",
        type=int,
        metavar="N",
        help="draw the N people with the smallest share of found joints",
    )


def run(args: argparse.Namespace) -> None:
    """Draw and write the picture."""
    from ..drawing import draw_results
    from ..files import check_file_writable
    from ..keypoints.keypoint_file import read_keypoints

    check_file_writable(args.output)
    draw_results(
        args.results,
        args.output,
        os.path.join(args.dataset, args.annotations),
        os.path.join(args.dataset, args.images),
        read_keypoints(args.keypoints),
        args.people if args.worst is None else args.worst,
        worst=args.worst is not None,
    )
    logger.info(f"picture written to {args.output}")
