"""``tools/export_model.py``: PaddleDetection's export, run by its own trainer."""

import argparse
import os
from typing import List, Optional

from .environment import prepare
from .guard import guarded
from .options import config_parser, load


def parse(argv: Optional[List[str]] = None) -> argparse.Namespace:
    """Flags of the stock ``tools/export_model.py`` that apply to pose estimation."""
    parser = config_parser("Export the config's `weights` for deployment.")
    parser.add_argument(
        "--output_dir",
        default="output_inference",
        help="folder in which the config's own is made (default: %(default)s)",
    )
    return parser.parse_args(argv)


def export_model(args: argparse.Namespace) -> None:
    """Export as the config and the flags say."""
    import paddle

    from .. import plugin  # noqa: F401  (registers the modules)
    from ..predict.outputs import check_writable
    from ..seams import Trainer

    cfg = load(args)
    check_writable(args.output_dir)
    cfg.use_gpu = False
    paddle.set_device("cpu")
    trainer = Trainer(cfg, mode="test")
    trainer.load_weights(cfg.weights)
    trainer.export(args.output_dir)


def main(argv: Optional[List[str]] = None) -> int:
    """Command line; returns the exit status."""
    args = parse(argv)
    prepare(threads=os.cpu_count() or 1)
    return guarded(lambda: export_model(args))
