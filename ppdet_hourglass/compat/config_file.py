"""Reading a config's files as plain data, without building any objects."""

import os
import re
from contextlib import contextmanager
from typing import Any, Dict, FrozenSet, Iterator, List, NamedTuple, Tuple

import yaml

from ..errors import UserError, one_line

BASE = "_BASE_"

#: Numbers such as 1e-3, which YAML 1.1 reads as text (it requires 1.0e-3).
_EXPONENT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+$")
_FLOAT = ("tag:yaml.org,2002:float", _EXPONENT)


class Tagged(NamedTuple):
    """``!Name value``, from which PaddleDetection makes an object."""

    name: str
    options: Any


class ConfigFile(NamedTuple):
    """One file of a config.

    Attributes:
        path: the file.
        keys: its top-level keys.
        anchored: the keys with an anchor, such as ``size: &size 256``.
    """

    path: str
    keys: Dict[str, Any]
    anchored: FrozenSet[str]


def read_files(path: str, above: Tuple[str, ...] = ()) -> List[ConfigFile]:
    """Read a config, then the files that its ``_BASE_`` names.

    It imports the module that a ``plugin:`` line names, as PaddleDetection's loader
    does, but refuses tags that would run other code.  ``above`` lists the files whose
    ``_BASE_`` led to this one.

    Raises:
        UserError: a file does not exist, cannot be read, is empty, is not a mapping, or
            has a tag that runs code.
    """
    keys, text = _read(path)
    anchored = frozenset(re.findall(r"^([\w-]+)\s*:\s*&", text, re.MULTILINE))
    files = [ConfigFile(path, keys, anchored)]
    bases = keys.pop(BASE, [])
    if not isinstance(bases, list) or not all(isinstance(base, str) for base in bases):
        raise UserError(f"{path}: {BASE} must be a list of files, but got {bases!r}")
    for name in bases:
        base = os.path.join(os.path.dirname(path), os.path.expanduser(name))
        if not os.path.isfile(base):
            raise UserError(f"{path}: {BASE} names {base}, which does not exist")
        if any(os.path.samefile(base, file) for file in (path, *above)):
            raise UserError(f"{path}: {BASE} names {base}, which is based on it")
        files += read_files(base, (path, *above))
    return files


def _read(path: str) -> Tuple[Dict[str, Any], str]:
    """Top-level keys of a file, and its text."""
    with _explained(f"config file {path}"):
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except OSError as error:
            raise UserError(
                f"config file {path} cannot be read: {error.strerror}"
            ) from None
        keys = yaml.load(text, Loader=_PlainLoader)
    if keys is None:
        raise UserError(f"config file {path} is empty")
    if not isinstance(keys, dict):
        raise UserError(
            f"config file {path} must hold keys and values, but holds {keys!r}"
        )
    return keys, text


@contextmanager
def exponents_are_numbers() -> Iterator[None]:
    """Let ``yaml.Loader``, which PaddleDetection uses, read 1e-3 as a number."""
    before = yaml.Loader.yaml_implicit_resolvers
    yaml.Loader.yaml_implicit_resolvers = _with_exponents(before)
    try:
        yield
    finally:
        yaml.Loader.yaml_implicit_resolvers = before


def _with_exponents(resolvers: Dict[Any, Any]) -> Dict[Any, Any]:
    """Add the rule for exponents to YAML's rules, listed by first character."""
    added = {first: [*resolvers.get(first, []), _FLOAT] for first in "-+.0123456789"}
    return {**resolvers, **added}


def refuse_code(text: str, where: str) -> None:
    """Refuse text that PaddleDetection's YAML loader would run as a program.

    Args:
        text: YAML.
        where: its origin, for messages.

    Raises:
        UserError: it has such a tag, or is not valid YAML.
    """
    with _explained(where):
        yaml.load(text, Loader=_PlainLoader)


@contextmanager
def _explained(where: str) -> Iterator[None]:
    """Turn what YAML's loader raises into a UserError."""
    try:
        yield
    except UserError:  # which is a ValueError
        raise
    except _Code as error:
        raise UserError(f"{where}: {error}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UserError(f"{where} is not valid YAML: {one_line(error)}") from None


class _Code(Exception):
    """A tag that runs code."""


class _PlainLoader(yaml.Loader):
    """PaddleDetection's loader without objects: it makes :class:`Tagged` of ``!Name``.

    ``!!python/name:``, with which a ``plugin:`` line imports its module, stays; other
    tags that call or create something raise :class:`_Code`.
    """

    yaml_constructors = {
        tag: constructor
        for tag, constructor in yaml.Loader.yaml_constructors.items()
        if not str(tag).startswith("!")
    }
    yaml_implicit_resolvers = _with_exponents(yaml.Loader.yaml_implicit_resolvers)


def _tagged(loader: Any, name: str, node: yaml.Node) -> Tagged:
    if isinstance(node, yaml.MappingNode):
        return Tagged(name, loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return Tagged(name, loader.construct_sequence(node, deep=True))
    return Tagged(name, loader.construct_scalar(node))


def _refused(loader: Any, name: str, node: yaml.Node) -> None:
    tag = node.tag.replace("tag:yaml.org,2002:", "!!")
    raise _Code(
        f"line {node.start_mark.line + 1}: {tag} could run code and is refused; of "
        "Python's tags only !!python/name: is read, as in the plugin line"
    )


_PlainLoader.add_multi_constructor("!", _tagged)
for _kind in ("module:", "object:", "object/apply:", "object/new:"):
    _PlainLoader.add_multi_constructor(f"tag:yaml.org,2002:python/{_kind}", _refused)
