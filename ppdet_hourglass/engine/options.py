"""Command-line options, the same as those of PaddleDetection's tools."""

import argparse
import os
from typing import Any, Callable, Dict

import yaml

from ..errors import UserError


def config_parser(description: str) -> argparse.ArgumentParser:
    """The config and its overrides, which every command on a config takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("-c", "--config", required=True, help="configuration file")
    parser.add_argument(
        "-o",
        "--opt",
        nargs="*",
        metavar="KEY=VALUE",
        help="override configuration keys, e.g. -o dataset_dir=/data/mpii "
        "TrainReader.batch_size=16",
    )
    return parser


def base_parser(description: str) -> argparse.ArgumentParser:
    """Options that training and evaluation share."""
    parser = config_parser(description)
    parser.add_argument("--amp", action="store_true", help="mixed precision on a GPU")
    parser.add_argument(
        "--save_prediction_only",
        action="store_true",
        help="write the predicted joints and skip the metric",
    )
    return parser


def load(args: argparse.Namespace) -> Any:
    """Read the config, add the command line's flags and ``-o`` options.

    Raises:
        UserError: no such config file, or an option that is no ``KEY=VALUE``.
    """
    from ppdet.core.workspace import load_config, merge_config
    from ppdet.utils.check import check_config
    from ppdet.utils.cli import merge_args

    if not os.path.isfile(args.config):
        raise UserError(f"config file {args.config} does not exist")
    cfg = _read(load_config, args.config)
    merge_args(cfg, args)
    merge_config(_parse(args))
    for device in ("gpu", "npu", "xpu", "mlu"):
        cfg.setdefault(f"use_{device}", False)
    return check_config(cfg)


def _read(load_config: Callable[[str], Any], path: str) -> Any:
    if os.path.splitext(path)[1] not in (".yml", ".yaml"):
        raise UserError(f"config file {path} must end in .yml or .yaml")
    try:
        return load_config(path)
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise UserError(f"config file {path} is no valid YAML: {reason}") from None


def _parse(args: argparse.Namespace) -> Dict[str, Any]:
    from ppdet.utils.cli import ArgsParser

    options = args.opt or []
    for option in options:
        if "=" not in option:
            raise UserError(f"-o takes KEY=VALUE, but got {option!r}")
    return ArgsParser()._parse_opt(options)
