"""``report``: one HTML page about an evaluation."""

import argparse
import logging
import os

from .options import add_people

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the results, the data set, and the page to write."""
    parser.add_argument(
        "results", help="keypoints_results.json of an evaluation or a prediction"
    )
    add_people(parser)
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="page (default: report.html beside the results)",
    )
    parser.add_argument(
        "--against", metavar="FILE", help="results of another run, to compare with"
    )
    parser.add_argument(
        "--pictures",
        type=int,
        default=400,
        metavar="N",
        help="hold the pictures of the N worst people (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> None:
    """Write the page."""
    from ..files import check_file_writable, write_whole
    from ..keypoints.keypoint_file import read_keypoints
    from ..report.page import page
    from ..report.pictures import crops
    from ..report.study import study

    folder = os.path.dirname(os.path.abspath(args.results))
    output = args.output or os.path.join(folder, "report.html")
    check_file_writable(output)
    images = os.path.join(args.dataset, args.images)
    data = (
        os.path.join(args.dataset, args.annotations),
        images,
        read_keypoints(args.keypoints),
    )
    one = study(args.results, *data)
    other = study(args.against, *data) if args.against else None
    pictures = crops(one, images, args.pictures)
    title = f"{one.thresholds.title} of {os.path.basename(folder)}"
    write_whole(output, page(one, title, pictures, other).encode())
    logger.info(f"report written to {output}; open it in a browser")
