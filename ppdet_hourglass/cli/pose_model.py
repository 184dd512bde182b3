"""Which network a command predicts with: its options, and opening it."""

import argparse
from typing import TYPE_CHECKING

from ..errors import UserError
from .options import add_overrides

if TYPE_CHECKING:
    from ..predict.estimator import PoseEstimator

#: Default backend of an exported model.
BACKEND = "paddle"


def add_model(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Add the config or exported folder, one of which may be ``required``."""
    model = parser.add_mutually_exclusive_group(required=required)
    model.add_argument(
        "-c", "--config", metavar="FILE", help="configuration file of the network"
    )
    model.add_argument("--exported", metavar="DIR", help="folder of an exported model")
    add_overrides(parser)


def add_detector(parser: "argparse._ActionsContainer") -> None:
    """Add the detector to a parser or a group of it."""
    parser.add_argument(
        "--detector",
        metavar="PATH",
        help="detector that finds the people: the folder of one that PaddleDetection "
        "exported, or an .onnx file converted from it, beside its infer_cfg.yml. "
        "Without a source of boxes, each picture is one person",
    )


def add_box_threshold(parser: argparse.ArgumentParser) -> None:
    """Add the least score of a box."""
    parser.add_argument(
        "--box_threshold",
        type=float,
        default=0.5,
        help="ignore boxes with a lower score (default: %(default)s)",
    )


def add_runtime(parser: argparse.ArgumentParser) -> None:
    """Add how the network runs."""
    parser.add_argument(
        "--backend",
        help="runtime of an exported model: paddle, onnxruntime or openvino "
        f"(default: {BACKEND})",
    )
    parser.add_argument(
        "--device",
        choices=("cpu", "gpu"),
        default="cpu",
        help="device of an exported model and the detector (default: %(default)s); "
        "with -c, the network runs where use_gpu says",
    )
    parser.add_argument(
        "--batch_size",
        type=int,
        default=16,
        help="number of people per batch (default: %(default)s)",
    )


def open_estimator(args: argparse.Namespace) -> "PoseEstimator":
    """Open the network that the options of this module name.

    Raises:
        UserError: it cannot be opened, or the options contradict each other.
    """
    from ..predict.estimator import PoseEstimator

    if args.config:
        from ..predict.from_config import from_config

        if args.backend:
            raise UserError("--backend is for an exported model (--exported), not -c")
        network, spec = from_config(args.config, options=args.opt)
        return PoseEstimator(network, spec, args.batch_size)
    if args.opt:
        raise UserError("-o overrides keys of a config (-c), not of an exported model")
    return PoseEstimator.from_exported(
        args.exported, args.backend or BACKEND, args.batch_size, device=args.device
    )
