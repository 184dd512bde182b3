"""The check of a config before anything is built of it: mistyped keys, wrong values.

What keys there are is asked of the installed PaddleDetection (``config_keys``):

* An option of a class, whether registered, tagged (``!Name``) or a reader's transform,
  must be an argument of its constructor.  Where that takes ``**kwargs``, as readers do,
  other options are refused only if they look like a mistyped argument.
* A top-level key is known if PaddleDetection's engine, a registered class or this
  package reads it.  After ``-o`` an unknown one is refused, unless the config's files
  have it.  A file may have keys of its owner's: there an unknown one is refused only if
  it looks mistyped and is no anchor (``trainsize: &trainsize [256, 256]``).

``config_kinds`` says what the value of a well-known key must be.  The other options of
a class must be of their default's kind, or null.
"""

from inspect import Parameter
from typing import Any, Dict, FrozenSet, Iterable, List, NamedTuple, Optional

from ..errors import UserError
from . import config_keys as keys
from .config_file import ConfigFile, Tagged
from .config_kinds import KINDS, MAPPING, Kind, kind_of_default

#: Likeness from which an unknown key may be a known one, mistyped: in a file, which
#: may have keys of its owner's, and elsewhere.
IN_FILE, SIMILAR = 0.8, 0.6

TRANSFORMS = ("sample_transforms", "batch_transforms")


def check_files(files: List[ConfigFile]) -> None:
    """Check a config and its bases.

    Raises:
        UserError: a key is mistyped or a value is wrong; names file and key.
    """
    known = keys.top_level_keys().union(*(file.anchored for file in files))
    for file in files:
        _Check(f"{file.path}: ", known, is_file=True).top_level(file.keys)


def check_options(options: Dict[str, Any], present: Iterable[str]) -> None:
    """Check what ``-o`` gave.

    Args:
        options: top-level keys with their values.
        present: the keys that the config has.

    Raises:
        UserError: a key does not exist or a value is wrong; names the key.
    """
    known = keys.top_level_keys().union(present)
    _Check("", known, is_file=False).top_level(options)


class _Check(NamedTuple):
    """What the check of one source of keys needs to know.

    Attributes:
        where: begins each message.
        known: the top-level keys.
        is_file: whether the source is a file, not ``-o``.
    """

    where: str
    known: FrozenSet[str]
    is_file: bool

    def top_level(self, values: Dict[str, Any]) -> None:
        for key, value in values.items():
            if key not in self.known:
                self._unknown(key, key, self.known, may_be_right=self.is_file)
            cls = keys.registered_class(key)
            if cls is None or isinstance(value, Tagged):
                self._value(key, value, KINDS.get(key))
            else:
                self._options(key, value, cls)

    def _options(self, prefix: str, options: Any, cls: type) -> None:
        """Check the options of a class, which stand below the key ``prefix``."""
        self._kind(prefix, options, MAPPING)
        defaults, is_open = keys.options_of(cls)
        for name, value in options.items():
            key = f"{prefix}.{name}"
            if name not in defaults:
                self._unknown(key, name, defaults, may_be_right=is_open)
            kind = KINDS.get(key) or KINDS.get(f"*.{name}")
            if kind is None and value is not None:
                kind = kind_of_default(defaults.get(name, Parameter.empty))
            self._value(key, value, kind)
            if name in TRANSFORMS:
                self._transforms(key, value)

    def _transforms(self, prefix: str, steps: List[Dict[str, Any]]) -> None:
        known = keys.transforms()
        for step in steps:
            for name, options in step.items():
                key = f"{prefix}.{name}"
                if name not in known:
                    self._unknown(key, name, known, may_be_right=False)
                self._options(key, options, known[name])

    def _value(self, key: str, value: Any, kind: Optional[Kind] = None) -> None:
        """Check a value, and every tagged one inside it."""
        if isinstance(value, Tagged):
            self._tagged(key, value)
            return
        if kind is not None:
            self._kind(key, value, kind)
        for item in value if isinstance(value, list) else ():
            name = f"{key}.{item.name}" if isinstance(item, Tagged) else key
            self._value(name, item)
        for name, item in value.items() if isinstance(value, dict) else ():
            self._value(f"{key}.{name}", item)

    def _tagged(self, key: str, value: Tagged) -> None:
        known = keys.tags()
        if value.name not in known:
            hint = _hint(value.name, known)
            raise UserError(
                f"{self.where}config key '{key}': !{value.name} does not exist{hint}"
            )
        cls = keys.tagged_class(value.name)
        if cls is not None and isinstance(value.options, dict):
            self._options(key, value.options, cls)

    def _unknown(
        self, key: str, name: str, known: Iterable[str], may_be_right: bool
    ) -> None:
        """Refuse an unknown key; one that may be right only if it looks mistyped."""
        ratio = IN_FILE if self.is_file else SIMILAR
        if may_be_right and keys.nearest(name, known, ratio) is None:
            return
        raise UserError(
            f"{self.where}config key '{key}' does not exist{_hint(name, known)}"
        )

    def _kind(self, key: str, value: Any, kind: Kind) -> None:
        if not kind.accepts(value):
            got = "nothing" if value is None else repr(value)
            raise UserError(
                f"{self.where}config key '{key}' must be {kind.expected}, but got {got}"
            )


def _hint(name: str, known: Iterable[str]) -> str:
    near = keys.nearest(name, known, SIMILAR)
    return f"; did you mean '{near}'?" if near else ""
