"""``tools/train.py``: PaddleDetection's training, run by its own trainer."""

import argparse
import logging
import os
from typing import List, Optional

from .environment import prepare
from .guard import guarded
from .options import base_parser, load

logger = logging.getLogger(__name__)


def parse(argv: Optional[List[str]] = None) -> argparse.Namespace:
    """Flags of the stock ``tools/train.py`` that apply to pose estimation."""
    parser = base_parser("Train with PaddleDetection's trainer.")
    parser.add_argument("--eval", action="store_true", help="evaluate at snapshots")
    parser.add_argument("-r", "--resume", help="snapshot to resume from")
    parser.add_argument("--fleet", action="store_true", help="train with fleet")
    parser.add_argument("--to_static", action="store_true", help="train a static graph")
    parser.add_argument(
        "--enable_ce",
        type=_boolean,
        nargs="?",
        const=True,
        default=False,
        help="fix the random seeds",
    )
    parser.add_argument(
        "--use_vdl", type=_boolean, default=False, help="record to VisualDL"
    )
    parser.add_argument(
        "--vdl_log_dir", default="vdl_log_dir/scalar", help="VisualDL's folder"
    )
    parser.add_argument(
        "--use_wandb", type=_boolean, default=False, help="record to wandb"
    )
    parser.add_argument(
        "--profiler_options", help="key=value;... of ppdet/utils/profiler.py"
    )
    return parser.parse_args(argv)


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"true or false expected, but got {text!r}")
    return text.lower() == "true"


def train(args: argparse.Namespace) -> None:
    """Train as the config and the flags say."""
    from ppdet.engine import init_fleet_env, init_parallel_env, set_random_seed

    from .. import plugin  # noqa: F401  (registers the modules)
    from ..seams import Trainer
    from .device import choose_device

    cfg = load(args)
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


def main(argv: Optional[List[str]] = None) -> int:
    """Command line; returns the exit status."""
    args = parse(argv)
    prepare(threads=1)
    return guarded(lambda: train(args))
