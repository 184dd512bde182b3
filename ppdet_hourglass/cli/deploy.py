"""``export``, ``onnx`` and ``convert``: networks for and from other programs."""

import argparse
import logging
import os
import shlex

from ..compat.state_file import PDPARAMS
from ..errors import UserError
from .options import add_config

logger = logging.getLogger(__name__)


def add_export(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the stock ``tools/export_model.py``, and those of int8."""
    parser.description += (
        " With --int8, it also writes model.onnx and the quantised model_int8.xml, "
        "which OpenVINO runs, and measures PCKh if the config's EvalDataset exists."
    )
    add_config(parser)
    parser.add_argument(
        "--output_dir",
        default="output_inference",
        metavar="DIR",
        help="parent folder; the model's own folder is named after the config "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--safetensors",
        action="store_true",
        help="also write the weights as model.safetensors, which -o weights= and other "
        "frameworks can read",
    )
    parser.add_argument(
        "--int8",
        metavar="IMAGES",
        help="also quantise the model to int8, calibrated on this folder's images",
    )
    parser.add_argument(
        "--boxes",
        metavar="FILE",
        help="JSON file of the people's boxes in these images, as for infer; "
        "without it, each image is one person",
    )
    parser.add_argument(
        "--max_loss",
        type=float,
        default=0.5,
        metavar="POINTS",
        help="discard an int8 model that loses more points of PCKh Mean (default: "
        "%(default)s)",
    )


def run_export(args: argparse.Namespace) -> None:
    """Export the config's weights."""
    if args.boxes and not args.int8:
        raise UserError("--boxes needs --int8, whose images they are in")
    if args.int8:
        import nncf  # noqa: F401  (fail now, not after the export)
    if args.safetensors:
        import safetensors  # noqa: F401
    import paddle
    from ppdet.engine import Trainer

    from ..compat.config import load
    from ..compat.processor import has_bf16
    from ..compat.stock import is_ours
    from ..files import check_writable
    from ..predict.export import write_lower_precisions, write_weights

    cfg = load(args.config, args.opt, args)
    check_writable(args.output_dir)
    cfg.use_gpu = False
    paddle.set_device("cpu")
    trainer = Trainer(cfg, mode="test")
    trainer.load_weights(cfg.weights)
    trainer.export(args.output_dir)
    folder = os.path.join(args.output_dir, cfg.filename)
    if is_ours(cfg) and (args.int8 or has_bf16()):
        write_lower_precisions(cfg, folder, args.int8, args.boxes, args.max_loss)
    if is_ours(cfg) and args.safetensors:
        write_weights(trainer.model, folder)


def add_onnx(parser: argparse.ArgumentParser) -> None:
    """Add the exported model's folder."""
    parser.description += " The opset is 17."
    parser.add_argument("model_dir", help="folder that the export command wrote")


def run_onnx(args: argparse.Namespace) -> None:
    """Write ``model.onnx`` into the folder."""
    from ..predict.export import write_onnx

    write_onnx(args.model_dir)


def add_convert(parser: argparse.ArgumentParser) -> None:
    """Add checkpoint and output."""
    parser.description += (
        " It recognises hourglass checkpoints of mmpose (0.x and 1.x), "
        "bearpaw/pytorch-pose, anibali/pytorch-stacked-hourglass and "
        "princeton-vl/pytorch_stacked_hourglass by their keys, and prints the new name "
        "of every key and the config to use."
    )
    parser.add_argument("source", metavar="SOURCE", help="PyTorch checkpoint")
    parser.add_argument(
        "out",
        metavar=f"OUT{PDPARAMS}",
        help="file to write; it must not exist unless --overwrite is given",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace OUT if it exists"
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="run the converted network on a random image, and require finite heatmaps "
        "of the right size from each stack; needs no data",
    )


def run_convert(args: argparse.Namespace) -> None:
    """Convert SOURCE and write OUT."""
    if not args.out.endswith(PDPARAMS):
        raise UserError(f"OUT must end in {PDPARAMS}, but got {args.out}")
    if os.path.exists(args.out) and not args.overwrite:
        raise UserError(f"{args.out} exists: add --overwrite to replace it")
    from ..convert.conversion import convert_checkpoint
    from ..files import check_file_writable

    check_file_writable(args.out)
    config, *options = convert_checkpoint(args.source, args.out, args.verify)
    options = [shlex.quote(option) for option in [*options, f"weights={args.out}"]]
    logger.info(
        f"wrote {args.out}; evaluate: python tools/eval.py -c {config} -o "
        + " ".join(options)
    )
