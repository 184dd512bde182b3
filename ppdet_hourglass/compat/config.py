"""Read a PaddleDetection config, with overrides.

PaddleDetection has one config per process, ``global_config``, which also holds the
registered classes.

Its YAML loader runs any code that a tag names, and builds an object for ``!Name``.  A
loader that refuses such code and checks the options of ``!Name`` therefore first reads
each file as plain data; then PaddleDetection reads it.
"""

import argparse
import importlib.util
import inspect
import math
import os
import re
from contextlib import contextmanager
from itertools import chain
from typing import Any, Dict, Iterator, Optional, Sequence, Tuple

import yaml
from ppdet.core.workspace import (
    dict_merge,
    get_registered_modules,
    global_config,
    load_config,
    merge_config,
)
from ppdet.utils.check import check_config as set_stock_defaults
from ppdet.utils.cli import ArgsParser, merge_args

from ..errors import UserError, one_line
from ..files import config_folder
from .config_check import (
    EXPONENT,
    check_config,
    check_options,
    hint,
    refuse_unknown_options,
)
from .stock import ARCHITECTURES

#: First line of a config that uses this package.
PLUGIN_LINE = "plugin: !!python/name:ppdet_hourglass.plugin.MANIFEST"

#: This package, which a clone has in the working folder.
OWN = __name__.partition(".")[0]

BASE = "_BASE_"

#: Limits of a config: values in a file with its aliases expanded, and length of a chain
#: of base files.
MAX_NODES, MAX_BASES = 100_000, 8


def load(
    path: str,
    options: Sequence[str] = (),
    flags: Optional[argparse.Namespace] = None,
) -> Any:
    """Read a config, then apply flags and overrides.

    Args:
        path: the config file, ``.yml`` or ``.yaml``; where there is none, such as
            ``configs/hourglass_mpii_256.yml`` outside the clone, the package's own.
        options: overrides, each ``KEY=VALUE`` as after ``-o``.
        flags: a command line's flags, which become top-level keys.

    Raises:
        UserError: the config does not exist, lacks the plug-in's line, or has a wrong
            key or value (see ``config_check``).
    """
    own = config_folder() / os.path.basename(path)
    if not os.path.isfile(path):
        if os.path.dirname(path) not in ("", "configs") or not own.is_file():
            names = [f"{path}.yml"] if os.path.isfile(f"{path}.yml") else []
            names += sorted(f"configs/{own.name}" for own in own.parent.glob("*.yml"))
            raise UserError(f"config file {path} does not exist{hint(path, names)}")
        path = str(own)
    if os.path.splitext(path)[1] not in (".yml", ".yaml"):
        raise UserError(f"config file {path} must end in .yml or .yaml")
    files = read_files(path)
    named = {keys.get("architecture") for keys in files.values()}
    if named & set(ARCHITECTURES) - set(get_registered_modules()):
        problem = f"config file {path} does not import the plug-in"
        raise UserError(f"{problem}: its first line must be {PLUGIN_LINE}")
    overrides = _parse(options)
    try:
        cfg = load_config(path)
        if flags is not None:
            merge_args(cfg, flags)
        refuse_unknown_options(overrides, cfg)
        merge_config(overrides)
        check_config(cfg)
    except UserError as error:
        raise UserError(f"{_origin(error, {'': overrides, **files})}{error}") from None
    for device in ("gpu", "npu", "xpu", "mlu"):
        cfg.setdefault(f"use_{device}", False)
    for key in ("architecture", "num_classes"):  # or PaddleDetection ends the process
        if key not in cfg:
            raise UserError(f"config file {path} does not set '{key}'")
    return set_stock_defaults(cfg)


def _origin(error: UserError, sources: Dict[str, Dict[str, Any]]) -> str:
    """The start of a message about a key: the file that sets it, if any."""
    named = re.match(r"config key '(\w+)(?:\.(\w+))?", str(error))
    key, option = named.groups() if named else (None, None)
    for path, keys in sources.items():
        options = keys.get(key)
        if key in keys and (
            not isinstance(options, dict) or option in (None, *options)
        ):
            return path and f"{path}: "
    return ""


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
        _read_plainly(option.partition("=")[2], f"-o {option}")
        # Singly: of two keys three levels deep, the parser keeps only the last.
        try:
            dict_merge(parsed, ArgsParser()._parse_opt([option]))
        except (TypeError, ValueError, yaml.YAMLError) as error:  # of a tag's object
            raise UserError(f"-o {option}: {one_line(error)}") from None
    return parsed


def read_files(path: str, above: Tuple[str, ...] = ()) -> Dict[str, Dict[str, Any]]:
    """Read a config, then the files that its ``_BASE_`` names, as plain data.

    It imports the module that a ``plugin:`` line names, as PaddleDetection's loader
    does, but refuses tags that would run other code.

    Args:
        path: the config.
        above: the files whose ``_BASE_`` led to this one.

    Returns:
        The top-level keys of each file, by path.

    Raises:
        UserError: a file is missing, is not a mapping, or has a tag that runs code or
            an option that its tag's class lacks.
    """
    what = f"config file {path}"
    try:
        with open(path, encoding="utf-8") as file:
            keys = _read_plainly(file.read(), what)
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{what} cannot be read: {one_line(error)}") from None
    if not isinstance(keys, dict):
        raise UserError(f"{what} must hold keys and values, but holds {keys!r}")
    files = {path: keys}
    bases = keys.pop(BASE, [])
    if not isinstance(bases, list) or not all(isinstance(base, str) for base in bases):
        raise UserError(f"{path}: {BASE} must be a list of files, but got {bases!r}")
    for name in bases:
        base = os.path.join(os.path.dirname(path), os.path.expanduser(name))
        if not os.path.isfile(base):
            raise UserError(f"{path}: {BASE} names {base}, which does not exist")
        if any(os.path.samefile(base, file) for file in (path, *above)):
            raise UserError(f"{path}: {BASE} names {base}, which is based on this file")
        if len(above) == MAX_BASES:
            raise UserError(f"{path}: the chain of {BASE} exceeds {MAX_BASES} files")
        files.update(read_files(base, (path, *above)))
    return files


def _read_plainly(text: str, where: str) -> Any:
    """Read YAML without building objects; ``where`` it is from, for messages."""
    try:
        loader = _PlainLoader(text)
        root = loader.get_single_node()
        if root is None:
            return None
        if _size(root, {}) > MAX_NODES:
            raise UserError(f"aliases (*name) expand to more than {MAX_NODES} values")
        return loader.construct_document(root)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UserError(f"{where} is not valid YAML: {one_line(error)}") from None


def _size(node: yaml.Node, sizes: Dict[int, float]) -> float:
    """Number of nodes below a node with its aliases expanded; inf if it is endless."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in sizes:
        sizes[id(node)] = math.inf  # for an alias of the node in itself
        below = node.value
        if isinstance(node, yaml.MappingNode):
            below = chain.from_iterable(below)
        sizes[id(node)] = 1 + sum(_size(item, sizes) for item in below)
    return sizes[id(node)]


class _PlainLoader(yaml.Loader):
    """PaddleDetection's loader without objects: ``!Name`` becomes its options.

    ``!!python/name:``, with which a ``plugin:`` line imports its module, stays for
    installed modules; other tags that call or create something are refused.
    """

    yaml_constructors = {
        tag: constructor
        for tag, constructor in yaml.Loader.yaml_constructors.items()
        if not str(tag).startswith("!")
    }


def _options_of_tag(loader: Any, name: str, node: yaml.Node) -> Any:
    """The checked options of ``!Name``."""
    line = f"line {node.start_mark.line + 1}: "
    known = yaml.Loader.yaml_constructors
    try:
        cls = inspect.getclosurevars(known[f"!{name}"]).nonlocals["cls"]
    except (KeyError, TypeError):
        tags = [str(tag)[1:] for tag in known if str(tag).startswith("!")]
        raise UserError(f"{line}!{name} does not exist{hint(name, tags)}") from None
    if isinstance(node, yaml.SequenceNode):
        arguments, options = loader.construct_sequence(node, deep=True), {}
    else:
        arguments, options = [], loader.construct_mapping(node, deep=True)
    try:
        check_options(f"!{name}", options, cls)
        inspect.signature(cls).bind(*arguments, **options)
    except (UserError, TypeError) as error:
        place = "" if isinstance(error, UserError) else f"!{name}: "
        raise UserError(f"{line}{place}{one_line(error)}") from None
    return arguments or options


def _refuse_code(loader: Any, name: str, node: yaml.Node) -> None:
    tag = node.tag.replace("tag:yaml.org,2002:", "!!")
    place = f"line {node.start_mark.line + 1}: {tag} could run code and is refused"
    raise UserError(f"{place}; only !!python/name: of an installed module is read")


def _installed(loader: Any, name: str, node: yaml.Node) -> Any:
    """What ``!!python/name:`` names, unless the working folder has such a module."""
    package = name.partition(".")[0]
    spec = importlib.util.find_spec(package) if package else None
    origin = os.path.realpath(spec.origin) if spec and spec.origin else ""
    is_local = origin.startswith(os.path.realpath(os.curdir) + os.sep)
    if is_local and "-packages" + os.sep not in origin and package != OWN:
        _refuse_code(loader, name, node)
    return loader.construct_python_name(name, node)


_PlainLoader.add_multi_constructor("!", _options_of_tag)
_PlainLoader.add_multi_constructor("tag:yaml.org,2002:python/name:", _installed)
for _kind in ("module:", "object:", "object/apply:", "object/new:"):
    _PlainLoader.add_multi_constructor(
        f"tag:yaml.org,2002:python/{_kind}", _refuse_code
    )


def _text_or_number(loader: Any, node: yaml.ScalarNode) -> Any:
    """Read 1e-3 as a number, which YAML 1.1 reads as text unless it says 1.0e-3."""
    is_plain = node.style is None and EXPONENT.fullmatch(node.value)
    return float(node.value) if is_plain else loader.construct_scalar(node)


# For tagged objects, whose constructors calculate with it (PiecewiseDecay's gamma).
for _loader in (yaml.Loader, _PlainLoader):
    _loader.add_constructor("tag:yaml.org,2002:str", _text_or_number)
