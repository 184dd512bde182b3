"""``infer``: predict poses in images, a video or a camera's frames."""

import argparse
import os
from typing import TYPE_CHECKING

from ..errors import UserError
from .options import add_overrides

if TYPE_CHECKING:
    from ..frames.run import FindBoxes
    from ..frames.sources import Source
    from ..predict.estimator import PoseEstimator

DETAILS = (
    "It writes the drawn pictures or video and keypoints_results.json into a folder. "
    "Exit status: 0; 1 after an error, if an image could not be read and was skipped, "
    "or if a video is cut off; 130 after Ctrl-C, 143 after SIGTERM. Finished work is "
    "kept in every case."
)


#: People per batch.  On CPUs no backend is faster with larger batches, and small ones
#: let reading and drawing overlap with the network from the first picture to the last.
CPU_BATCH, GPU_BATCH = 2, 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the model, the input, the source of boxes, and the output."""
    model = parser.add_mutually_exclusive_group(required=True)
    model.add_argument(
        "-c", "--config", metavar="FILE", help="configuration file of the network"
    )
    model.add_argument("--exported", metavar="DIR", help="folder of an exported model")
    add_overrides(parser)
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
    people.add_argument(
        "--detector",
        metavar="PATH",
        help="detector that finds the people: the folder of one that PaddleDetection "
        "exported, or an .onnx file converted from it, beside its infer_cfg.yml. "
        "Without --boxes or --detector, each picture is one person",
    )
    parser.add_argument(
        "--box_threshold",
        type=float,
        default=0.5,
        help="ignore boxes with a lower score (default: %(default)s)",
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output",
        "--output_dir",
        default="output/infer",
        metavar="DIR",
        help="folder to write into (default: %(default)s)",
    )
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
    from ..frames.outputs import open_output
    from ..frames.run import predict_all
    from ..frames.sources import open_source
    from ..metrics.results_file import RESULTS_NAME

    if not args.no_drawing:
        import supervision  # noqa: F401  (fail now, not after the first batch)
    source = open_source(args.input, args.output)
    check_writable(args.output)
    output = None if args.no_drawing else open_output(source, args.output)
    find_boxes = _find_boxes(args, source)
    predict_all(
        source,
        find_boxes,
        _estimator(args),
        os.path.join(args.output, RESULTS_NAME),
        output,
        faint_below=args.faint_below,
        boxes=args.draw_boxes,
    )
    if source.problem:
        raise UserError(source.problem)


def _find_boxes(args: argparse.Namespace, source: "Source") -> "FindBoxes":
    if args.boxes:
        from ..frames.boxes_file import BoxesFile

        return BoxesFile(args.boxes, source, args.box_threshold)
    if args.detector:
        from ..predict.detector import Detector

        detector = Detector(args.detector, args.box_threshold, args.device)
        return lambda frame: detector(frame.image)
    return lambda frame: None


def _estimator(args: argparse.Namespace) -> "PoseEstimator":
    from ..predict.backends.choice import AUTO
    from ..predict.estimator import PoseEstimator

    if args.config:
        from ..predict.from_config import from_config

        for name in ("backend", "precision"):
            if getattr(args, name):
                raise UserError(
                    f"--{name} is for an exported model (--exported), not -c"
                )
        network, spec = from_config(args.config, options=args.opt)
        return PoseEstimator(network, spec, _batch_size(args, _paddle_device()))
    if args.opt:
        raise UserError("-o overrides keys of a config (-c), not of an exported model")
    return PoseEstimator.from_exported(
        args.exported,
        args.backend or AUTO,
        _batch_size(args, args.device),
        device=args.device,
        precision=args.precision,
    )


def _paddle_device() -> str:
    import paddle

    return paddle.get_device()


def _batch_size(args: argparse.Namespace, device: str) -> int:
    if args.batch_size is not None:
        return args.batch_size
    return CPU_BATCH if device == "cpu" else GPU_BATCH
