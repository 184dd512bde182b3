"""Reading a PaddleDetection config, with overrides.

PaddleDetection keeps one config for the whole process, ``global_config``, which also
holds the registered classes.
"""

import argparse
import os
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

import yaml
from ppdet.core.workspace import global_config, load_config, merge_config
from ppdet.utils.check import check_config
from ppdet.utils.cli import ArgsParser, merge_args

from ..errors import UserError
from .architecture import ARCHITECTURES

#: First line of a config that uses this package.
PLUGIN_LINE = "plugin: !!python/name:ppdet_hourglass.plugin.MANIFEST"


def load(
    path: str,
    options: Sequence[str] = (),
    flags: Optional[argparse.Namespace] = None,
) -> Any:
    """Read a config, then add flags and overrides.

    Args:
        path: the config file, ``.yml`` or ``.yaml``.
        options: overrides, each ``KEY=VALUE`` as after ``-o``.
        flags: a command line's flags, which become top-level keys.

    Raises:
        UserError: no such config, one without the plug-in's line, or an override
            that is wrong.
    """
    if not os.path.isfile(path):
        raise UserError(f"config file {path} does not exist")
    cfg = _read(load_config, path)
    _check_registered(cfg, path)
    if flags is not None:
        merge_args(cfg, flags)
    merge_config(_parse(options))
    for device in ("gpu", "npu", "xpu", "mlu"):
        cfg.setdefault(f"use_{device}", False)
    return check_config(cfg)


@contextmanager
def config_scope() -> Iterator[None]:
    """Start from an empty global config, and put the present one back afterwards."""
    before = dict(global_config)
    global_config.clear()
    for name, value in _classes(before):
        global_config[name] = value.copy()  # its options change in place
    try:
        yield
    finally:
        registered = dict(_classes(global_config))  # more, if the config imported some
        global_config.clear()
        global_config.update({**registered, **before})


def _classes(config: Dict[str, Any]) -> List[Tuple[str, Any]]:
    """The registered classes, which the config holds beside its keys."""
    return [item for item in config.items() if hasattr(item[1], "schema")]


def _read(load_config: Callable[[str], Any], path: str) -> Any:
    if os.path.splitext(path)[1] not in (".yml", ".yaml"):
        raise UserError(f"config file {path} must end in .yml or .yaml")
    try:
        return load_config(path)
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise UserError(f"config file {path} is no valid YAML: {reason}") from None


def _check_registered(cfg: Any, path: str) -> None:
    name = cfg.get("architecture")
    if name in ARCHITECTURES and not hasattr(cfg.get(name), "schema"):
        raise UserError(
            f"config file {path} does not import the plug-in: its first line must be "
            f"{PLUGIN_LINE}"
        )


def _parse(options: Sequence[str]) -> Dict[str, Any]:
    for option in options:
        if "=" not in option:
            raise UserError(f"-o takes KEY=VALUE, but got {option!r}")
    return ArgsParser()._parse_opt(options)
