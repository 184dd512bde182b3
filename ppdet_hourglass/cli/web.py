"""``web``: a local page to try a network on pictures."""

import argparse
import logging
import os
import tempfile
import time
from typing import TYPE_CHECKING, List

from ..errors import UserError
from .pose_model import (
    add_box_threshold,
    add_category,
    add_detector,
    add_model,
    add_runtime,
    open_estimator,
)

if TYPE_CHECKING:
    from ..web.page import About

logger = logging.getLogger(__name__)

DETAILS = (
    "Without --exported or -c, it offers the small network that `make demo` trained on "
    "drawn people. Ctrl-C stops it."
)

#: The network of `make demo`, and where it leaves its weights and pictures.
SAMPLE_CONFIG = "configs/hourglass_sample.yml"
SAMPLE_WEIGHTS = "output/hourglass_sample/best_model.pdparams"

#: Number of drawn pictures to try, and the seed of their people.
EXAMPLES, SEED = 4, 7

#: Gradio must not call home, not even to look for a newer version.
PRIVATE = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the model, the detector and the address."""
    add_model(parser, required=False)
    add_detector(parser)
    add_box_threshold(parser)
    add_category(parser)
    add_runtime(parser)
    parser.add_argument(
        "--host",
        default=LOOPBACK[0],
        help="address to serve at (default: %(default)s, this computer only)",
    )
    parser.add_argument(
        "--port", type=int, default=7860, help="port (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> None:
    """Serve the page until Ctrl-C."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(PRIVATE, GRADIO_TEMP_DIR=folder)
        from ..web.page import launch, page

        about = _about(args, folder)
        estimator = open_estimator(args)
        if args.detector:
            from ..predict.detector import Detector

            estimator.detector = Detector(
                args.detector,
                args.box_threshold,
                args.device,
                estimator.spec.keypoints,
                args.category,
            )
        blocks = page(estimator, about)
        address = launch(blocks, args.host, args.port)
        if args.host not in LOOPBACK:
            logger.warning("everybody who reaches this computer can use the page")
        logger.info(f"open {address} in a browser; Ctrl-C stops it")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            logger.info("stopped")
        finally:
            blocks.close(verbose=False)


def _about(args: argparse.Namespace, folder: str) -> "About":
    """What to say about the network; chooses the sample network if none is named."""
    from ..web.page import About

    named = args.exported or args.config
    if named:
        name = os.path.splitext(os.path.basename(os.path.normpath(named)))[0]
        return About(f"Poses by {name}", "")
    if not os.path.isfile(SAMPLE_WEIGHTS):
        raise UserError(
            "no network is named (--exported DIR or -c FILE), and the sample network "
            f"{SAMPLE_WEIGHTS} does not exist: `make demo` trains it in 8 minutes"
        )
    args.config = SAMPLE_CONFIG
    args.opt = [f"weights={SAMPLE_WEIGHTS}", *args.opt]
    return About(
        "Poses by the sample network",
        "This is the small network of `make demo`. It has seen **drawn people only**: "
        "it finds the joints of the drawn people below, but hardly those of people in "
        "photos. For these, train or convert a network and name it by `-c` or "
        "`--exported`.",
        _examples(folder),
    )


def _examples(folder: str) -> List[str]:
    """Draw pictures of sample people into a folder; returns their paths."""
    import cv2
    import numpy as np

    from ..sample.image import sample_image

    paths = [os.path.join(folder, f"drawn_{index}.jpg") for index in range(EXAMPLES)]
    for index, path in enumerate(paths):
        cv2.imwrite(path, sample_image(np.random.default_rng([SEED, index]))[0])
    return paths
