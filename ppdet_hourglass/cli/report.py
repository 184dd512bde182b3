"""``report``: one HTML page about an evaluation."""

import argparse
import os

from ..errors import UserError
from ..report import IMAGES
from .options import add_heatmaps, add_overrides, add_people, check_heatmaps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the results, the data set, the page to write, and the network."""
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
        default=IMAGES,
        metavar="N",
        help="hold the images of the N worst people (default: %(default)s)",
    )
    add_heatmaps(parser, "with -c and -o weights=FILE")
    parser.add_argument(
        "-c", "--config", metavar="FILE", help="the network's config, for --heatmaps"
    )
    add_overrides(parser)


def run(args: argparse.Namespace) -> None:
    """Write the page."""
    from ..files import check_file_writable
    from ..keypoints.keypoint_file import read_keypoints
    from ..report.evaluation import report_path, write_report
    from ..report.study import read_study

    check_heatmaps(args)
    if (args.heatmaps is None) != (args.config is None):
        raise UserError("--heatmaps N and -c FILE, the network's config, go together")
    if args.opt and args.config is None:
        raise UserError("-o overrides keys of a config: add -c FILE and --heatmaps N")
    output = args.output or report_path(args.results)
    check_file_writable(output)
    data = (
        os.path.join(args.dataset, args.annotations),
        os.path.join(args.dataset, args.images),
        read_keypoints(args.keypoints),
    )
    write_report(
        read_study(args.results, *data),
        output,
        args.pictures,
        read_study(args.against, *data) if args.against else None,
        args.heatmaps and (args.config, args.opt, args.heatmaps),
    )
