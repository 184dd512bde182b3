"""The keys that a config may have, read from the installed PaddleDetection."""

import inspect
import re
from difflib import get_close_matches
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Dict, FrozenSet, Iterable, Optional, Set, Tuple

import ppdet
import ppdet.data.transform
import yaml
from ppdet.core.workspace import get_registered_modules, serializable

from .config_kinds import KINDS
from .stock import DATASETS

#: Ways in which PaddleDetection reads a key: cfg.get('x'), cfg['x'], 'x' in cfg, cfg.x.
_READ = re.compile(
    r"\bcfg(?:\.(?:get|pop)\(\s*|\[\s*)['\"](\w+)['\"]"
    r"|['\"](\w+)['\"] (?:not )?in (?:self\.)?cfg\b"
    r"|\bcfg\.([A-Za-z]\w*)\b(?!\()"
)

#: Thresholds of difflib's similarity ratio (1: equal) at which an unknown name counts
#: as mistyped: SIMILAR after ``-o``, ALIKE in a file, which may have keys of its own.
SIMILAR, ALIKE = 0.6, 0.8


def nearest(name: str, known: Iterable[str], ratio: float) -> Optional[str]:
    """The known name most similar to ``name``; None if none reaches ``ratio``."""
    matches = get_close_matches(str(name), list(known), n=1, cutoff=ratio)
    return matches[0] if matches else None


def hint(name: str, known: Iterable[str]) -> str:
    """End of an error message about an unknown name: the name that was meant."""
    near = nearest(name, known, SIMILAR)
    return f"; did you mean '{near}'?" if near else ""


def top_level_keys() -> FrozenSet[str]:
    """Top-level keys that PaddleDetection or this package reads, and class names."""
    modules = get_registered_modules()
    shared = {key for module in modules.values() for key in module.shared}
    named = {key for key in KINDS if "." not in key}
    # The sources only compose the keys of data sets (``cfg[f"{mode}Dataset"]``).
    return frozenset(
        {*modules, *shared, *named, *DATASETS, "plugin", *_keys_of_the_engine()}
    )


@cache
def _keys_of_the_engine() -> FrozenSet[str]:
    """Keys that PaddleDetection's sources read outside registered classes."""
    folder = Path(ppdet.__file__).parent  # tools/ is beside it in a checkout only
    sources = [folder.glob(f"{name}/*.py") for name in ("engine", "slim", "../tools")]
    keys: Set[str] = set()
    for path in chain(*sources):
        for names in _READ.findall(path.read_text(encoding="utf-8")):
            keys.update(filter(None, names))
    return frozenset(keys)


def class_names() -> FrozenSet[str]:
    """Names of registered classes, and ``None``, which DeepSORT's configs use.

    PaddleDetection registers ``DATASETS``, which a config's objects may have replaced.
    """
    return frozenset({*get_registered_modules(), *DATASETS, "None"})


def registered_class(name: Any) -> Optional[type]:
    """The registered class of a name; None if there is none."""
    module = get_registered_modules().get(name) if isinstance(name, str) else None
    return None if module is None else getattr(module.pymodule, name, None)


def tagged_class(name: str) -> Optional[type]:
    """The class of ``!Name``; None if it is not one of PaddleDetection's."""
    constructor = yaml.Loader.yaml_constructors.get(f"!{name}")
    if getattr(constructor, "__module__", None) != serializable.__module__:
        return None
    values = [cell.cell_contents for cell in constructor.__closure__ or ()]
    return next(filter(inspect.isclass, values), None)


def tags() -> FrozenSet[str]:
    """Every ``Name`` for which ``!Name`` is defined."""
    known = yaml.Loader.yaml_constructors
    return frozenset(tag[1:] for tag in known if str(tag).startswith("!"))


def transforms() -> Dict[str, type]:
    """The classes that a reader may list as transforms, by name."""
    names = vars(ppdet.data.transform).items()
    return {name: value for name, value in names if inspect.isclass(value)}


@cache
def options_of(cls: type) -> Tuple[Dict[str, Any], bool]:
    """The options of a class: its constructor's arguments.

    If the constructor takes ``**kwargs``, the options of the base class count too.

    Returns:
        Default of each option, ``inspect.Parameter.empty`` if it has none; and whether
        the class takes other options too (``**kwargs``).
    """
    defaults: Dict[str, Any] = {}
    is_open = False
    for base in cls.__mro__:
        if "__init__" not in vars(base) or base is object:
            continue
        parameters = [*inspect.signature(base.__init__).parameters.values()][1:]
        for p in parameters:
            if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL):
                defaults.setdefault(p.name, p.default)
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
        is_open = True
    return defaults, is_open
