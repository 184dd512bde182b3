"""``grid``: predictions beside the ground truth, as one picture."""

import argparse
import logging

logger = logging.getLogger(__name__)

HELP = "Draw predictions beside the ground truth, as one picture."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add results, picture and data set."""
    parser.add_argument("results", help="keypoints_results.json of an evaluation")
    parser.add_argument("output", help="picture to write, .png or .jpg")
    parser.add_argument("--dataset", required=True, help="folder of the data set")
    parser.add_argument("--annotations", default="annotations/mpii_val.json")
    parser.add_argument(
        "--keypoints", default="mpii", help="keypoint file (default: %(default)s)"
    )
    parser.add_argument("--people", type=int, default=12, help="people to draw")


def run(args: argparse.Namespace) -> None:
    """Draw and write the picture."""
    from ..drawing import draw_results
    from ..keypoints.keypoint_file import read_keypoints

    draw_results(
        args.results,
        args.output,
        args.dataset,
        args.annotations,
        args.people,
        read_keypoints(args.keypoints),
    )
    logger.info(f"picture written to {args.output}")
