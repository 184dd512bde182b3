"""Options shared by several commands, named as in PaddleDetection's tools."""

import argparse
from typing import TYPE_CHECKING

from ..compat.processor import usable_cores
from ..errors import UserError

if TYPE_CHECKING:
    from ..predict.estimator import PoseEstimator

#: People per batch.  On CPUs no backend is faster with larger batches, and small ones
#: let reading and drawing overlap with the network from the first image to the last.
CPU_BATCH, GPU_BATCH = 2, 16


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


def add_heatmaps(parser: argparse.ArgumentParser, needs: str) -> None:
    """Add the number of people with heatmaps."""
    parser.add_argument(
        "--heatmaps",
        type=int,
        metavar="N",
        help=f"{needs}: run the network again on the N worst people, and show the "
        "heatmaps of each stack on the page",
    )


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Add the number of processes."""
    parser.add_argument(
        "--workers",
        type=int,
        default=usable_cores(),
        metavar="N",
        help="number of processes (default: one per core)",
    )


def check_least(args: argparse.Namespace, **least: int) -> None:
    """Raise :class:`UserError` for an option whose number is too small."""
    for name, number in least.items():
        given = getattr(args, name)
        if given is not None and given < number:
            raise UserError(f"--{name} must be at least {number}, but got {given}")


def boolean(text: str) -> bool:
    """Parse ``true`` or ``false``, as PaddleDetection's tools do."""
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"must be true or false, but got {text!r}")
    return text.lower() == "true"


def add_model(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Add the config and the exported folder, of which one may be ``required``."""
    model = parser.add_mutually_exclusive_group(required=required)
    model.add_argument("-c", "--config", metavar="FILE", help="config of the network")
    model.add_argument("--exported", metavar="DIR", help="folder of an exported model")
    add_overrides(parser)


def add_people_finder(parser: argparse.ArgumentParser, boxes: bool) -> None:
    """Add the detector and, with ``boxes``, the boxes file; not both may be given."""
    people = parser.add_mutually_exclusive_group()
    if boxes:
        people.add_argument(
            "--boxes",
            metavar="FILE",
            help="JSON file of the people's boxes, in the layout of COCO detection "
            "results",
        )
    people.add_argument(
        "--detector",
        metavar="PATH",
        help="detector that finds the people: a folder exported by PaddleDetection, or "
        "an .onnx file converted from it, next to its infer_cfg.yml. Without boxes and "
        "detector, each image is one person",
    )
    parser.add_argument(
        "--box_threshold",
        type=float,
        default=0.5,
        help="ignore boxes with a lower score (default: %(default)s)",
    )
    parser.add_argument(
        "--category",
        metavar="NAME",
        help="category of --boxes or --detector to use, by name or number (default: "
        "the one that has the network's keypoints)",
    )


def add_runtime(parser: argparse.ArgumentParser) -> None:
    """Add the options of how the network runs."""
    parser.add_argument(
        "--backend",
        help="runtime of an exported model: auto, paddle, onnxruntime or openvino "
        "(default: auto, the fastest that is installed)",
    )
    parser.add_argument(
        "--precision",
        help="precision of an exported model: fp32, bf16, fp16 or int8, if its backend "
        "has it (default: fp32, or what auto chooses)",
    )
    parser.add_argument(
        "--device",
        choices=("cpu", "gpu"),
        default="cpu",
        help="device of an exported model and the detector (default: %(default)s); "
        "with -c, use_gpu of the config decides for the network",
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
    from ..predict.detector import Detector
    from ..predict.estimator import PoseEstimator
    from ..predict.open_network import AUTO, open_network

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
    detector = args.detector and Detector(
        args.detector, args.box_threshold, args.device, spec.keypoints, args.category
    )
    batch_size = args.batch_size
    if batch_size is None:
        device = args.device
        if args.config:
            import paddle

            device = paddle.get_device()
        batch_size = CPU_BATCH if device == "cpu" else GPU_BATCH
    return PoseEstimator(network, spec, batch_size, detector)
