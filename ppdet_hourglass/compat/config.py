"""Reading a PaddleDetection config, with overrides.

PaddleDetection has one config per process, ``global_config``, which also holds the
registered classes.
"""

import argparse
import os
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Optional, Sequence

import yaml
from ppdet.core.workspace import (
    dict_merge,
    get_registered_modules,
    global_config,
    load_config,
    merge_config,
)
from ppdet.utils.check import check_config
from ppdet.utils.cli import ArgsParser, merge_args

from ..errors import UserError, one_line
from ..files import config_folder
from .config_check import check_files, check_options
from .config_file import ConfigFile, exponents_are_numbers, read_files, refuse_code
from .stock import ARCHITECTURES

#: First line of a config that uses this package.
PLUGIN_LINE = "plugin: !!python/name:ppdet_hourglass.plugin.MANIFEST"


def load(
    path: str,
    options: Sequence[str] = (),
    flags: Optional[argparse.Namespace] = None,
) -> Any:
    """Read a config, then add flags and overrides.

    Args:
        path: the config file, ``.yml`` or ``.yaml``; where there is none, such as
            ``configs/hourglass_mpii_256.yml`` outside the clone, the package's own.
        options: overrides, each ``KEY=VALUE`` as after ``-o``.
        flags: a command line's flags, which become top-level keys.

    Raises:
        UserError: the config does not exist, lacks the plug-in's line, or has a wrong
            key or value (see ``config_check``).
    """
    path = _find(path)
    if os.path.splitext(path)[1] not in (".yml", ".yaml"):
        raise UserError(f"config file {path} must end in .yml or .yaml")
    files = read_files(path)
    _check_imported(files, path)
    check_files(files)
    try:
        with exponents_are_numbers():
            cfg = load_config(path)
    except yaml.YAMLError as error:
        raise UserError(
            f"config file {path} is not valid YAML: {one_line(error)}"
        ) from None
    except TypeError as error:  # of an object that a tag makes
        raise UserError(f"config file {path}: {one_line(error)}") from None
    if flags is not None:
        merge_args(cfg, flags)
    overrides = _parse(options)
    check_options(overrides, cfg)
    merge_config(overrides)
    return _completed(cfg, path)


def _completed(cfg: Any, path: str) -> Any:
    """Add what PaddleDetection's own tools add, and have it check the config."""
    for device in ("gpu", "npu", "xpu", "mlu"):
        cfg.setdefault(f"use_{device}", False)
    for key in ("architecture", "num_classes"):  # or PaddleDetection ends the process
        if key not in cfg:
            raise UserError(f"config file {path} does not set '{key}'")
    return check_config(cfg)


def _find(path: str) -> str:
    own = config_folder() / os.path.basename(path)
    if os.path.isfile(path):
        return path
    if os.path.dirname(path) in ("", "configs") and own.is_file():
        return str(own)
    raise UserError(f"config file {path} does not exist")


def _check_imported(files: List[ConfigFile], path: str) -> None:
    named = {file.keys.get("architecture") for file in files}
    if named & set(ARCHITECTURES) - set(get_registered_modules()):
        raise UserError(
            f"config file {path} does not import the plug-in: its first line must be "
            f"{PLUGIN_LINE}"
        )


@contextmanager
def config_scope() -> Iterator[None]:
    """Start with an empty global config; restore the present one afterwards."""
    before, registered = dict(global_config), get_registered_modules()
    global_config.clear()
    for name, value in registered.items():
        global_config[name] = value.copy()  # its schema, not the options of a config
        global_config[name].clear()
    try:
        yield
    finally:
        registered = get_registered_modules()  # the config may import more
        global_config.clear()
        global_config.update({**registered, **before})


def _parse(options: Sequence[str]) -> Dict[str, Any]:
    parsed: Dict[str, Any] = {}
    for option in options:
        if "=" not in option:
            raise UserError(f"-o takes KEY=VALUE, but got {option!r}")
        refuse_code(option.partition("=")[2], f"-o {option}")
        # One by one: of two keys three levels deep the parser keeps only the last.
        try:
            with exponents_are_numbers():
                dict_merge(parsed, ArgsParser()._parse_opt([option]))
        except (TypeError, ValueError, yaml.YAMLError) as error:  # of a tag's object
            raise UserError(f"-o {option}: {one_line(error)}") from None
    return parsed
