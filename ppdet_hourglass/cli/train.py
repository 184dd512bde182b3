"""``train``: PaddleDetection's training, run by its own trainer."""

import argparse
import logging
import os

from .options import add_run, boolean

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the stock ``tools/train.py`` that apply to pose models."""
    add_run(parser)
    parser.add_argument("--eval", action="store_true", help="evaluate each snapshot")
    parser.add_argument(
        "-r",
        "--resume",
        metavar="SNAPSHOT",
        help="snapshot to resume from, a folder for its newest one, or auto for the "
        "newest of this training's own folder",
    )
    parser.add_argument(
        "--debug_nan",
        action="store_true",
        help="name the first tensor that is not finite (slow)",
    )
    parser.add_argument(
        "--fleet", action="store_true", help="use fleet for distributed training"
    )
    parser.add_argument("--to_static", action="store_true", help="train a static graph")
    parser.add_argument(
        "--enable_ce",
        type=boolean,
        nargs="?",
        const=True,
        default=False,
        help="fix the random seeds",
    )
    _add_records(parser)


def _add_records(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--use_vdl", type=boolean, default=False, help="record to VisualDL"
    )
    parser.add_argument(
        "--vdl_log_dir", default="vdl_log_dir/scalar", help="VisualDL's folder"
    )
    parser.add_argument(
        "--use_wandb", type=boolean, default=False, help="record to wandb"
    )
    parser.add_argument(
        "--profiler_options",
        help="profiler options key=value;..., see ppdet/utils/profiler.py",
    )


def run(args: argparse.Namespace) -> None:
    """Train the config's network."""
    from ppdet.engine import (
        Trainer,
        init_fleet_env,
        init_parallel_env,
        set_random_seed,
    )

    from ..compat.config import load
    from ..compat.stock import choose_device

    cfg = load(args.config, args.opt, args)
    choose_device(cfg)
    if cfg.fleet and int(os.environ.get("PADDLE_TRAINERS_NUM", "1")) < 2:
        logger.warning("--fleet needs paddle.distributed.launch: training without it")
        cfg.fleet = False
    if cfg.fleet:
        init_fleet_env(cfg.get("find_unused_parameters", False))
    else:
        init_parallel_env()
    if cfg.enable_ce:
        set_random_seed(0)
    trainer = Trainer(cfg, mode="train")
    if args.resume:
        trainer.resume_weights(args.resume)
    elif cfg.get("pretrain_weights"):
        trainer.load_weights(cfg.pretrain_weights)
    trainer.train(args.eval)
