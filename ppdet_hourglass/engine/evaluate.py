"""``tools/eval.py``: PaddleDetection's evaluation, run by its own trainer."""

import argparse
import os
from typing import List, Optional

from .environment import prepare
from .guard import guarded
from .options import base_parser, load


def parse(argv: Optional[List[str]] = None) -> argparse.Namespace:
    """Flags of the stock ``tools/eval.py`` that apply to pose estimation."""
    parser = base_parser("Evaluate the config's `weights` with PaddleDetection.")
    parser.add_argument("--output_eval", help="folder of the results file")
    return parser.parse_args(argv)


def evaluate(args: argparse.Namespace) -> None:
    """Evaluate as the config and the flags say."""
    from ppdet.engine import init_parallel_env

    from .. import plugin  # noqa: F401  (registers the modules)
    from ..seams import Trainer
    from .device import choose_device

    cfg = load(args)
    choose_device(cfg)
    init_parallel_env()
    trainer = Trainer(cfg, mode="eval")
    trainer.load_weights(cfg.weights)
    trainer.evaluate()


def main(argv: Optional[List[str]] = None) -> int:
    """Command line; returns the exit status."""
    args = parse(argv)
    prepare(threads=os.cpu_count() or 1)
    return guarded(lambda: evaluate(args))
