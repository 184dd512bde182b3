"""``infer`` and ``web``: predict poses, in files or on a local page."""

import argparse
import logging
import os
import signal
import tempfile
import time
from typing import TYPE_CHECKING, Any

from ..errors import UserError
from .options import add_model, add_people_finder, add_runtime, open_estimator

if TYPE_CHECKING:
    from ..web.local_page import About

logger = logging.getLogger(__name__)

#: The network of `make demo`, and where that writes its weights and images.
SAMPLE_CONFIG = "configs/hourglass_sample.yml"
SAMPLE_WEIGHTS = "output/hourglass_sample/best_model.pdparams"

#: Number of synthetic images to try, and the seed of their people.
EXAMPLES, SEED = 4, 7

#: Gradio must not contact its servers, not even to look for a newer version.
PRIVATE = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}


def add_infer(parser: argparse.ArgumentParser) -> None:
    """Add the model, the input, the source of boxes, and the output."""
    parser.description += (
        " It writes the drawn images or video and keypoints_results.json into a "
        "folder. Exit status: 0; 1 after an error, a skipped image that could not be "
        "read, or a video that is cut off; 130 after Ctrl-C; 143 after SIGTERM. "
        "Finished work is always kept."
    )
    add_model(parser)
    parser.add_argument(
        "--input",
        "--infer_img",
        "--infer_dir",
        required=True,
        metavar="PATH",
        help="an image, a folder (with its subfolders), a video, the address of a "
        "stream (rtsp://...), or the index of a camera (stop it with Ctrl-C)",
    )
    add_people_finder(parser, boxes=True)
    parser.add_argument(
        "--smooth",
        action="store_true",
        help="smooth the joints of a video or camera over time",
    )
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


def run_infer(args: argparse.Namespace) -> None:
    """Predict; raise :class:`UserError` at the end if something could not be read."""
    from ..files import check_writable
    from ..metrics.results import RESULTS_NAME
    from ..predict.boxes import find_people
    from ..predict.outputs import open_output
    from ..predict.run import predict_all
    from ..predict.smoothing import Smoother
    from ..predict.sources import Video, open_source

    source = open_source(args.input, args.output)
    if args.smooth and not isinstance(source, Video):
        raise UserError("--smooth needs a video or camera, but --input is neither")
    check_writable(args.output)
    output = None if args.no_drawing else open_output(source, args.output)
    estimator = open_estimator(args)
    predict_all(
        source,
        find_people(source, estimator, args.boxes, args.box_threshold, args.category),
        estimator,
        os.path.join(args.output, RESULTS_NAME),
        output,
        Smoother() if args.smooth else None,
        faint_below=args.faint_below,
        boxes=args.draw_boxes,
    )
    if source.problem:
        raise UserError(source.problem)


def add_web(parser: argparse.ArgumentParser) -> None:
    """Add the model, the detector and the address."""
    parser.description += (
        " Without --exported or -c, it uses the small network that `make demo` "
        "trained on synthetic people. Ctrl-C stops it."
    )
    add_model(parser, required=False)
    add_people_finder(parser, boxes=False)
    add_runtime(parser)
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to serve at (default: %(default)s, this computer only)",
    )
    parser.add_argument(
        "--port", type=int, default=7860, help="port (default: %(default)s)"
    )


def run_web(args: argparse.Namespace) -> None:
    """Serve the page until Ctrl-C or SIGTERM; then remove the uploads."""

    def end(number: int, _: Any) -> None:
        raise SystemExit(128 + number)

    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(PRIVATE, GRADIO_TEMP_DIR=folder)
        from ..web.local_page import LOOPBACK, launch, page

        about = _about(args, folder)
        estimator = open_estimator(args)
        signal.signal(signal.SIGTERM, end)  # Paddle, once imported, takes it too
        blocks = page(estimator, about)
        address = launch(blocks, args.host, args.port)
        if args.host not in LOOPBACK:
            logger.warning("everybody who can reach this computer can use the page")
        logger.info(f"open {address} in a browser; Ctrl-C stops it")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            logger.info("stopped")
        finally:
            blocks.close(verbose=False)


def _about(args: argparse.Namespace, folder: str) -> "About":
    """Describe the network; choose the sample network if none is named."""
    from ..web.local_page import About

    named = args.exported or args.config
    if named:
        name = os.path.splitext(os.path.basename(os.path.normpath(named)))[0]
        return About(f"Poses by {name}", "")
    if not os.path.isfile(SAMPLE_WEIGHTS):
        raise UserError(
            "name a network (--exported DIR or -c FILE), or train the sample network, "
            f"{SAMPLE_WEIGHTS}, by `make demo` (8 minutes)"
        )
    import cv2
    import numpy as np

    from ..sample.image import sample_image

    paths = [os.path.join(folder, f"drawn_{index}.jpg") for index in range(EXAMPLES)]
    for index, path in enumerate(paths):
        cv2.imwrite(path, sample_image(np.random.default_rng([SEED, index]))[0])
    args.config = SAMPLE_CONFIG
    args.opt = [f"weights={SAMPLE_WEIGHTS}", *args.opt]
    return About(
        "Poses by the sample network",
        "This is the small network of `make demo`. It was trained on **synthetic "
        "people only**: it finds the joints of the people below, but hardly those of "
        "people in photos. For photos, train or convert a network and name it by `-c` "
        "or `--exported`.",
        paths,
    )
