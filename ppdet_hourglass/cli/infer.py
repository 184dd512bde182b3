"""``infer``: predict poses in images, a video or a camera's frames."""

import argparse
import os

from ..errors import UserError
from .pose_model import (
    add_box_threshold,
    add_category,
    add_detector,
    add_model,
    add_runtime,
    open_estimator,
)

DETAILS = (
    "It writes the drawn pictures or video and keypoints_results.json into a folder. "
    "Exit status: 0; 1 after an error, if an image could not be read and was skipped, "
    "or if a video is cut off; 130 after Ctrl-C, 143 after SIGTERM. Finished work is "
    "kept in every case."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the model, the input, the source of boxes, and the output."""
    add_model(parser)
    _add_input(parser)
    _add_output(parser)


def _add_input(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--input",
        "--infer_img",
        "--infer_dir",
        required=True,
        metavar="PATH",
        help="an image, a folder (with the folders below it), a video, or the index of "
        "a camera (stop it with Ctrl-C)",
    )
    people = parser.add_mutually_exclusive_group()
    people.add_argument(
        "--boxes",
        metavar="FILE",
        help="JSON file of the people's boxes, in the layout of COCO detection results",
    )
    add_detector(people)
    add_box_threshold(parser)
    add_category(parser)
    parser.add_argument(
        "--smooth",
        action="store_true",
        help="smooth the joints of a video or a camera over time",
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output",
        "--output_dir",
        default="output/infer",
        metavar="DIR",
        help="folder to write into (default: %(default)s)",
    )
    add_runtime(parser)
    parser.add_argument(
        "--faint_below",
        "--draw_threshold",
        type=float,
        default=0.3,
        help="draw joints with a lower score faintly (default: %(default)s)",
    )
    parser.add_argument("--draw_boxes", action="store_true", help="draw the boxes too")
    parser.add_argument(
        "--no_drawing", action="store_true", help="write only the results file"
    )


def run(args: argparse.Namespace) -> None:
    """Predict; raise :class:`UserError` at the end if something could not be read."""
    from ..files import check_writable
    from ..metrics.results_file import RESULTS_NAME
    from ..predict.boxes import find_people
    from ..predict.outputs import open_output
    from ..predict.run import predict_all
    from ..predict.smoothing import Smoother
    from ..predict.sources import Video, open_source

    source = open_source(args.input, args.output)
    if args.smooth and not isinstance(source, Video):
        raise UserError("--smooth is for a video or a camera, but --input is neither")
    check_writable(args.output)
    output = None if args.no_drawing else open_output(source, args.output)
    estimator = open_estimator(args)
    find_boxes = find_people(
        source,
        estimator.spec.keypoints,
        args.boxes,
        args.detector,
        args.box_threshold,
        args.category,
        args.device,
    )
    predict_all(
        source,
        find_boxes,
        estimator,
        os.path.join(args.output, RESULTS_NAME),
        output,
        Smoother() if args.smooth else None,
        faint_below=args.faint_below,
        boxes=args.draw_boxes,
    )
    if source.problem:
        raise UserError(source.problem)
