"""Which network a command predicts with: its options, and opening it."""

import argparse
from typing import TYPE_CHECKING

from ..errors import UserError
from .options import add_overrides

if TYPE_CHECKING:
    from ..predict.estimator import PoseEstimator

#: People per batch.  On CPUs no backend is faster with larger batches, and small ones
#: let reading and drawing overlap with the network from the first picture to the last.
CPU_BATCH, GPU_BATCH = 2, 16


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


def add_category(parser: argparse.ArgumentParser) -> None:
    """Add which objects to find."""
    parser.add_argument(
        "--category",
        metavar="NAME",
        help="objects that --boxes or --detector shall give, by name or number "
        "(default: those that have the network's keypoints)",
    )


def add_runtime(parser: argparse.ArgumentParser) -> None:
    """Add how the network runs."""
    parser.add_argument(
        "--backend",
        help="runtime of an exported model: auto, paddle, onnxruntime or openvino "
        "(default: auto, the fastest that is installed)",
    )
    parser.add_argument(
        "--precision",
        help="of an exported model: fp32, bf16, fp16 or int8, if its backend has it "
        "(default: fp32, or what auto chooses)",
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
        metavar="N",
        help=f"number of people per batch (default: {CPU_BATCH} on a CPU, else "
        f"{GPU_BATCH})",
    )


def open_estimator(args: argparse.Namespace) -> "PoseEstimator":
    """Open the network that the options of this module name.

    Raises:
        UserError: it cannot be opened, or the options contradict each other.
    """
    from ..predict.backends import Options
    from ..predict.estimator import PoseEstimator
    from ..predict.network import AUTO, open_network

    for name in ("backend", "precision") if args.config else ():
        if getattr(args, name):
            raise UserError(f"--{name} is for an exported model (--exported), not -c")
    if args.opt and not args.config:
        raise UserError("-o overrides keys of a config (-c), not of an exported model")
    network, spec = open_network(
        args.config,
        args.exported,
        overrides=args.opt,
        backend=args.backend or AUTO,
        options=Options(args.device, precision=args.precision),
    )
    if args.batch_size is not None:
        return PoseEstimator(network, spec, args.batch_size)
    device = args.device
    if args.config:
        import paddle

        device = paddle.get_device()
    return PoseEstimator(network, spec, CPU_BATCH if device == "cpu" else GPU_BATCH)
