"""``train`` and ``eval``: training and evaluation by PaddleDetection's trainer.

They have the flags of the stock tools that apply to pose models.
"""

import argparse
import logging
import os

from ..errors import UserError
from .options import add_config, add_heatmaps, boolean, check_least

logger = logging.getLogger(__name__)


def add_train(parser: argparse.ArgumentParser) -> None:
    """Add the config, the options of training, and what to record."""
    _add_run(parser)
    parser.add_argument("--eval", action="store_true", help="evaluate each snapshot")
    parser.add_argument(
        "-r",
        "--resume",
        metavar="SNAPSHOT",
        help="snapshot to resume from, a folder for its newest snapshot, or auto for "
        "the newest of this run's own folder",
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


def run_train(args: argparse.Namespace) -> None:
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


def add_eval(parser: argparse.ArgumentParser) -> None:
    """Add the config, and what to write."""
    _add_run(parser)
    parser.add_argument("--output_eval", metavar="DIR", help="folder for the results")
    parser.add_argument(
        "--report",
        action="store_true",
        help="write the page of the report command beside the results",
    )
    add_heatmaps(parser, "with --report")


def run_eval(args: argparse.Namespace) -> None:
    """Evaluate the config's weights; write the page."""
    from ppdet.engine import Trainer, init_parallel_env

    from ..compat.config import load
    from ..compat.stock import choose_device, require_ours
    from ..files import check_writable
    from ..predict.model_spec import spec_of
    from ..report.evaluation_page import evaluation_facts, write_report
    from ..report.study import study_of

    check_least(args, heatmaps=1)
    if args.heatmaps and not args.report:
        raise UserError("--heatmaps needs --report, which writes the page")
    if args.report and args.save_prediction_only:
        raise UserError("--report needs the metric, which --save_prediction_only skips")
    cfg = load(args.config, args.opt, args)
    check_writable(args.output_eval or cfg.save_dir)
    choose_device(cfg)
    init_parallel_env()
    trainer = Trainer(cfg, mode="eval")
    metric = next(iter(trainer._metrics), None)
    if args.report and getattr(metric, "truth", None) is None:
        raise UserError(
            "--report needs metric PCK or PCKh and people with annotated joints, but "
            f"metric {cfg.metric} has none"
        )
    if args.heatmaps:  # what could fail after an evaluation of hours
        require_ours(cfg)
        spec_of(cfg, args.config, metric.keypoints, trainer.model)
    trainer.load_weights(cfg.weights)
    trainer.evaluate()
    if args.report and metric.written:  # in the first process only
        write_report(
            study_of(metric),
            heatmaps_of=args.heatmaps and (args.config, args.opt, args.heatmaps),
            facts=evaluation_facts(args.config, str(cfg.weights)),
        )


def _add_run(parser: argparse.ArgumentParser) -> None:
    """Add the options of both training and evaluation."""
    add_config(parser)
    parser.add_argument(
        "--amp", action="store_true", help="use mixed precision on a GPU"
    )
    parser.add_argument(
        "--save_prediction_only",
        action="store_true",
        help="write the predicted joints and skip the metric",
    )
