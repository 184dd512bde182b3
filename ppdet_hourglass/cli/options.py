"""Options shared by several commands, named as in PaddleDetection's tools."""

import argparse

from ..compat.processor import usable_cores
from ..errors import UserError


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add the config and its overrides."""
    parser.add_argument(
        "-c", "--config", required=True, metavar="FILE", help="configuration file"
    )
    add_overrides(parser)


def add_overrides(parser: argparse.ArgumentParser) -> None:
    """Add ``-o KEY=VALUE``."""
    parser.add_argument(
        "-o",
        "--opt",
        nargs="*",
        default=[],
        metavar="KEY=VALUE",
        help="override configuration keys, e.g. -o dataset_dir=/data/mpii "
        "TrainReader.batch_size=16",
    )


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the config and the options of both training and evaluation."""
    add_config(parser)
    parser.add_argument(
        "--amp", action="store_true", help="use mixed precision on a GPU"
    )
    parser.add_argument(
        "--save_prediction_only",
        action="store_true",
        help="write the predicted joints and skip the metric",
    )


def add_people(parser: argparse.ArgumentParser) -> None:
    """Add the data set that a results file belongs to."""
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


def add_heatmaps(parser: argparse.ArgumentParser, needs: str) -> None:
    """Add the number of people with heatmaps, for :func:`check_heatmaps`."""
    parser.add_argument(
        "--heatmaps",
        type=int,
        metavar="N",
        help=f"{needs}: run the network once more on the N worst people, and let the "
        "page show the heatmaps of each stack",
    )


def check_heatmaps(args: argparse.Namespace) -> None:
    """Raise :class:`UserError` if heatmaps of nobody are asked for."""
    if args.heatmaps is not None and args.heatmaps < 1:
        raise UserError(f"--heatmaps must be at least 1, but got {args.heatmaps}")


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Add the number of processes, for :func:`check_workers`."""
    parser.add_argument(
        "--workers",
        type=int,
        default=usable_cores(),
        metavar="N",
        help="number of processes (default: one per core)",
    )


def check_workers(args: argparse.Namespace) -> None:
    """Raise :class:`UserError` if there is no process to work."""
    if args.workers < 1:
        raise UserError(f"--workers must be at least 1, but got {args.workers}")


def boolean(text: str) -> bool:
    """Parse ``true`` or ``false``, as PaddleDetection's tools do."""
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"true or false expected, but got {text!r}")
    return text.lower() == "true"
