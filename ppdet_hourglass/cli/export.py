"""``export``: PaddleDetection's export, run by its own trainer."""

import argparse

from .options import add_config

HELP = "Export the config's `weights` for deployment."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the stock ``tools/export_model.py`` that apply to poses."""
    add_config(parser)
    parser.add_argument(
        "--output_dir",
        default="output_inference",
        metavar="DIR",
        help="folder in which the config's own is made (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> None:
    """Export as the config and the flags say."""
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
