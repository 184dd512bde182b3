"""``eval``: PaddleDetection's evaluation, run by its own trainer."""

import argparse
from typing import Any

from ..errors import UserError
from ..report import PICTURES
from .options import add_heatmaps, add_run, check_heatmaps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the stock ``tools/eval.py`` that apply to pose models."""
    add_run(parser)
    parser.add_argument("--output_eval", metavar="DIR", help="folder for the results")
    parser.add_argument(
        "--report",
        action="store_true",
        help="write the page of the report command beside the results",
    )
    add_heatmaps(parser, "with --report")


def run(args: argparse.Namespace) -> None:
    """Evaluate the config's weights; write the page."""
    from ..data.any_dataset import image_folder
    from ..report.writing import write_report

    check_heatmaps(args)
    if args.heatmaps and not args.report:
        raise UserError("--heatmaps is for the page: add --report")
    if args.report and args.save_prediction_only:
        raise UserError("--report needs the metric, which --save_prediction_only skips")
    metric = _evaluate(args)
    if args.report and metric.written:  # in the first process only
        write_report(
            metric.written,
            (metric.annotations.path, image_folder(metric.dataset), metric.keypoints),
            PICTURES,
            heatmaps_of=args.heatmaps and (args.config, args.opt, args.heatmaps),
        )


def _evaluate(args: argparse.Namespace) -> Any:
    """The evaluation's metric, which has measured."""
    from ppdet.engine import Trainer, init_parallel_env

    from ..compat.config import load
    from ..compat.stock import choose_device, require_ours
    from ..files import check_writable
    from ..predict.model_spec import spec_of

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
    return metric
