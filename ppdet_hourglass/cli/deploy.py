"""``export`` and ``onnx``: a trained network as a folder that is deployed."""

import argparse
import os

from ..errors import UserError
from .options import add_config


def add_export(parser: argparse.ArgumentParser) -> None:
    """Add the stock ``tools/export_model.py``'s flags for pose models, and int8's."""
    parser.description += (
        " With --int8, it also writes model.onnx and the quantised model_int8.xml, "
        "which OpenVINO runs. It measures PCKh on the config's EvalDataset, if that is "
        "there."
    )
    add_config(parser)
    parser.add_argument(
        "--output_dir",
        default="output_inference",
        metavar="DIR",
        help="parent folder; the model's own folder below it is named after the "
        "config (default: %(default)s)",
    )
    parser.add_argument(
        "--safetensors",
        action="store_true",
        help="also write the weights as model.safetensors, which -o weights= and other "
        "frameworks can read",
    )
    parser.add_argument(
        "--int8",
        metavar="PICTURES",
        help="also quantise the model to int8, calibrated on this folder's pictures",
    )
    parser.add_argument(
        "--boxes",
        metavar="FILE",
        help="JSON file of the people's boxes in these pictures, as infer takes it; "
        "without it, each picture is one person",
    )
    parser.add_argument(
        "--max_loss",
        type=float,
        default=0.5,
        metavar="POINTS",
        help="do not keep an int8 model that loses more of PCKh Mean (default: "
        "%(default)s)",
    )


def run_export(args: argparse.Namespace) -> None:
    """Export the config's weights."""
    if args.boxes and not args.int8:
        raise UserError("--boxes is for the pictures of --int8")
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
