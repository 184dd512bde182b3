"""``report`` and ``browse``: an HTML page about an evaluation or the data."""

import argparse
import logging
import os

from ..errors import UserError
from ..report import IMAGES
from .options import add_config, add_heatmaps, add_overrides, check_least

logger = logging.getLogger(__name__)


def add_report(parser: argparse.ArgumentParser) -> None:
    """Add the results, the data set, the page to write, and the network."""
    parser.add_argument(
        "results", help="keypoints_results.json of an evaluation or a prediction"
    )
    parser.add_argument("--dataset", required=True, help="folder of the data set")
    parser.add_argument(
        "--annotations",
        default="annotations/mpii_val.json",
        help="annotation file in the data set, in MPII's or COCO's layout "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--images",
        default="images",
        help="image folder in the data set (default: %(default)s)",
    )
    parser.add_argument(
        "--keypoints", default="mpii", help="keypoint file (default: %(default)s)"
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="page to write (default: report.html beside the results)",
    )
    parser.add_argument(
        "--against", metavar="FILE", help="results of another run to compare with"
    )
    parser.add_argument(
        "--pictures",
        type=int,
        default=IMAGES,
        metavar="N",
        help="include the images of the N worst people (default: %(default)s)",
    )
    add_heatmaps(parser, "with -c and -o weights=FILE")
    parser.add_argument(
        "-c", "--config", metavar="FILE", help="the network's config, for --heatmaps"
    )
    add_overrides(parser)


def run_report(args: argparse.Namespace) -> None:
    """Write the page."""
    from ..files import check_file_writable
    from ..keypoints.keypoint_set import read_keypoints
    from ..report.evaluation_page import report_path, write_report
    from ..report.study import read_study

    check_least(args, heatmaps=1)
    if (args.heatmaps is None) != (args.config is None):
        raise UserError("--heatmaps N and -c FILE (the network) need each other")
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


def add_browse(parser: argparse.ArgumentParser) -> None:
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


def run_browse(args: argparse.Namespace) -> None:
    """Write the page."""
    from ..compat.config import load
    from ..files import write_whole
    from ..report.data_pages import browse_page

    check_least(args, people=1, seed=0)
    name = os.path.splitext(os.path.basename(args.config))[0]
    title = f"Training data of {name}"
    page = browse_page(load(args.config, args.opt), args.people, args.seed, title)
    write_whole(args.output, page.encode())
    logger.info(f"page written to {args.output}; open it in a browser")
