"""``eval``: PaddleDetection's evaluation, run by its own trainer."""

import argparse

from .options import add_run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the stock ``tools/eval.py`` that apply to pose models."""
    add_run(parser)
    parser.add_argument("--output_eval", metavar="DIR", help="folder for the results")


def run(args: argparse.Namespace) -> None:
    """Evaluate the config's weights."""
    from ppdet.engine import Trainer, init_parallel_env

    from ..compat.config import load
    from ..compat.device import choose_device
    from ..files import check_writable

    cfg = load(args.config, args.opt, args)
    check_writable(args.output_eval or cfg.save_dir)
    choose_device(cfg)
    init_parallel_env()
    trainer = Trainer(cfg, mode="eval")
    trainer.load_weights(cfg.weights)
    trainer.evaluate()
