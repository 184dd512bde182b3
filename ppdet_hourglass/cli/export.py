"""``export``: PaddleDetection's export, run by its own trainer."""

import argparse

from .options import add_config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the stock ``tools/export_model.py``'s flags that apply to pose models."""
    add_config(parser)
    parser.add_argument(
        "--output_dir",
        default="output_inference",
        metavar="DIR",
        help="parent folder; the model's own folder below it is named after the "
        "config (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> None:
    """Export the config's weights."""
    import paddle
    from ppdet.engine import Trainer

    from ..compat.config import load
    from ..files import check_writable

    cfg = load(args.config, args.opt, args)
    check_writable(args.output_dir)
    cfg.use_gpu = False
    paddle.set_device("cpu")
    trainer = Trainer(cfg, mode="test")
    trainer.load_weights(cfg.weights)
    trainer.export(args.output_dir)
