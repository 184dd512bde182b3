"""Checking a config for mistyped keys and wrong values before anything is built.

``config_keys`` reads the valid keys from the installed PaddleDetection:

* An option of a class, whether registered, tagged (``!Name``) or a reader's transform,
  must be an argument of its constructor.  If the constructor takes ``**kwargs``, as
  those of readers do, other options are refused only if they look mistyped.
* A top-level key is known if PaddleDetection's engine, a registered class or this
  package reads it.  ``-o`` may set only keys that are known or in the config's files.
  Files may have additional keys: an unknown one is refused only if it looks mistyped
  and is not an anchor (``trainsize: &trainsize [256, 256]``).

``config_kinds`` says what the value of a well-known key must be.  Any other option of
a class must be of the same kind as its default, or null.  An option whose default is
the name of a registered class must name a registered class.
"""

from inspect import Parameter
from itertools import chain
from typing import Any, Dict, FrozenSet, Iterable, List, NamedTuple, Optional

from paddle.io import Dataset

from ..errors import UserError
from ..fields import Kind, check
from . import config_keys as keys
from .config_file import ConfigFile, Tagged
from .config_kinds import KINDS, MAPPING, STEPS, kind_of_default


def check_files(files: List[ConfigFile]) -> None:
    """Check a config and its bases.

    Raises:
        UserError: a key is mistyped or a value is wrong; names file and key.
    """
    known = keys.top_level_keys().union(*(file.anchored for file in files))
    for file in files:
        _Check(f"{file.path}: ", known, {}, is_file=True).top_level(file.keys)


def check_options(options: Dict[str, Any], config: Dict[str, Any]) -> None:
    """Check what ``-o`` sets in a loaded config, whose data sets are objects.

    Raises:
        UserError: a key does not exist or a value is wrong; names the key.
    """
    known = keys.top_level_keys().union(config)
    datasets = {k: type(v) for k, v in config.items() if isinstance(v, Dataset)}
    _Check("", known, datasets, is_file=False).top_level(options)


class _Check(NamedTuple):
    """The check of one file, or of the options after ``-o``.

    Attributes:
        where: prefix of each message.
        known: known top-level keys.
        datasets: classes of the data sets by top-level key.
        is_file: whether a file is checked, not ``-o``.
    """

    where: str
    known: FrozenSet[str]
    datasets: Dict[str, type]
    is_file: bool

    def top_level(self, values: Dict[str, Any]) -> None:
        for key, value in values.items():
            self._key(key, key, self.known, may_be_right=self.is_file)
            cls = keys.registered_class(key)
            if isinstance(value, dict) and "name" not in value:  # not a whole data set
                cls = self.datasets.get(key, cls)
            if cls is None or isinstance(value, Tagged):
                self._value(key, value, KINDS.get(key))
            else:
                self._options(key, value, cls)
            if key == "architecture":
                self._class(key, value, keys.class_names())

    def _options(self, prefix: str, options: Any, cls: type) -> None:
        """Check the options of a class below the key ``prefix``."""
        self._kind(prefix, options, MAPPING)
        defaults, is_open = keys.options_of(cls)
        for name, value in options.items():
            key = f"{prefix}.{name}"
            self._key(key, name, defaults, may_be_right=is_open)
            kind = KINDS.get(key) or KINDS.get(f"*.{name}")
            default = defaults.get(name, Parameter.empty)
            if kind is None and value is not None:
                kind = kind_of_default(default)
            self._value(key, value, kind)
            if isinstance(value, str) and keys.registered_class(default):
                self._class(key, value, keys.class_names())
            if kind is STEPS:
                self._transforms(key, value)

    def _transforms(self, prefix: str, steps: List[Dict[str, Any]]) -> None:
        known = keys.transforms()
        for name, options in chain.from_iterable(step.items() for step in steps):
            key = f"{prefix}.{name}"
            self._key(key, name, known, may_be_right=False)
            self._options(key, options, known[name])

    def _value(self, key: str, value: Any, kind: Optional[Kind] = None) -> None:
        """Check a value and every tagged value inside it."""
        if isinstance(value, Tagged):
            self._class(key, value.name, keys.tags())
            cls = keys.tagged_class(value.name)
            if cls is not None and isinstance(value.options, dict):
                self._options(key, value.options, cls)
                self._complete(key, value, cls)
            return
        self._kind(key, value, kind)
        for item in value if isinstance(value, list) else ():
            name = f"{key}.{item.name}" if isinstance(item, Tagged) else key
            self._value(name, item)
        for name, item in value.items() if isinstance(value, dict) else ():
            self._value(f"{key}.{name}", item)

    def _complete(self, key: str, value: Tagged, cls: type) -> None:
        """Refuse an object without an option that has no default."""
        for name, default in keys.options_of(cls)[0].items():
            if default is Parameter.empty and name not in value.options:
                raise UserError(
                    f"{self.where}config key '{key}.{name}' is missing: {value.name} "
                    "has no default for it"
                )

    def _key(
        self, key: str, name: str, known: Iterable[str], may_be_right: bool
    ) -> None:
        """Refuse an unknown key; if it may be right, only when it looks mistyped."""
        ratio = keys.ALIKE if self.is_file else keys.SIMILAR
        if name in known or (may_be_right and not keys.nearest(name, known, ratio)):
            return
        raise UserError(
            f"{self.where}config key '{key}' does not exist{keys.hint(name, known)}"
        )

    def _class(self, key: str, name: str, known: Iterable[str]) -> None:
        """Refuse a value that does not name a known class."""
        if name not in known:
            raise UserError(
                f"{self.where}config key '{key}': {name} does not exist"
                f"{keys.hint(name, known)}"
            )

    def _kind(self, key: str, value: Any, kind: Optional[Kind]) -> None:
        if kind is not None:
            check(value, kind, f"{self.where}config key '{key}'")
