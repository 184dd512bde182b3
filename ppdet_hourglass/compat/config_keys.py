"""Which keys a config may have: what the installed PaddleDetection takes."""

import inspect
import re
from difflib import get_close_matches
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Dict, FrozenSet, Iterable, NamedTuple, Optional, Set

import ppdet
import ppdet.data.transform
import yaml
from ppdet.core.workspace import get_registered_modules, serializable

from .config_kinds import KINDS

#: Keys that no source spells out (``cfg[f"{mode}Dataset"]``).  PaddleDetection has
#: classes of these names, whose places an earlier config's data sets may have taken.
_DATASETS = ("TrainDataset", "EvalDataset", "TestDataset")

#: How PaddleDetection's engine reads a key: cfg.get('x'), cfg['x'], 'x' in cfg, cfg.x.
_READ = re.compile(
    r"\bcfg(?:\.(?:get|pop)\(\s*|\[\s*)['\"](\w+)['\"]"
    r"|['\"](\w+)['\"] (?:not )?in (?:self\.)?cfg\b"
    r"|\bcfg\.([A-Za-z]\w*)\b(?!\()"
)

#: Likeness, as difflib measures it (1: equal), from which a name may be another one,
#: mistyped, and from which a file's key, which may be its owner's, is taken for one.
SIMILAR, ALIKE = 0.6, 0.8


class ClassOptions(NamedTuple):
    """What a class takes.

    Attributes:
        defaults: the default of each option; ``inspect.Parameter.empty`` without one.
        is_open: whether it takes others too (``**kwargs``).
    """

    defaults: Dict[str, Any]
    is_open: bool


def nearest(name: str, known: Iterable[str], ratio: float) -> Optional[str]:
    """The known name that is most like another, if at least ``ratio`` alike."""
    matches = get_close_matches(str(name), list(known), n=1, cutoff=ratio)
    return matches[0] if matches else None


def hint(name: str, known: Iterable[str]) -> str:
    """How an error message about an unknown name ends."""
    near = nearest(name, known, SIMILAR)
    return f"; did you mean '{near}'?" if near else ""


def top_level_keys() -> FrozenSet[str]:
    """Every top-level key that PaddleDetection, a registered class or this package
    reads, and the names of the registered classes."""
    modules = get_registered_modules()
    shared = {key for module in modules.values() for key in module.shared}
    named = {key for key in KINDS if "." not in key}
    return frozenset(
        {*modules, *shared, *named, *_DATASETS, "plugin", *_keys_of_the_engine()}
    )


@cache
def _keys_of_the_engine() -> FrozenSet[str]:
    """Keys that PaddleDetection reads outside registered classes, by its sources; the
    tools are beside the package in a checkout only."""
    folder = Path(ppdet.__file__).parent
    sources = [folder.glob(f"{name}/*.py") for name in ("engine", "slim", "../tools")]
    keys: Set[str] = set()
    for path in chain(*sources):
        for names in _READ.findall(path.read_text(encoding="utf-8")):
            keys.update(filter(None, names))
    return frozenset(keys)


def class_names() -> FrozenSet[str]:
    """Names of registered classes, and ``None``: so DeepSORT's configs write null."""
    return frozenset({*get_registered_modules(), *_DATASETS, "None"})


def registered_class(name: Any) -> Optional[type]:
    """The class that PaddleDetection's registry knows by a name; None for all else."""
    module = get_registered_modules().get(name) if isinstance(name, str) else None
    return None if module is None else getattr(module.pymodule, name, None)


def tagged_class(name: str) -> Optional[type]:
    """The class of ``!Name``; None if PaddleDetection has not made it serializable."""
    constructor = yaml.Loader.yaml_constructors.get(f"!{name}")
    if getattr(constructor, "__module__", None) != serializable.__module__:
        return None
    values = [cell.cell_contents for cell in constructor.__closure__ or ()]
    return next(filter(inspect.isclass, values), None)


def tags() -> FrozenSet[str]:
    """Every ``Name`` for which there is a ``!Name``."""
    known = yaml.Loader.yaml_constructors
    return frozenset(tag[1:] for tag in known if str(tag).startswith("!"))


def transforms() -> Dict[str, type]:
    """The classes that a reader's lists of transforms may name."""
    names = vars(ppdet.data.transform).items()
    return {name: value for name, value in names if inspect.isclass(value)}


@cache
def options_of(cls: type) -> ClassOptions:
    """What a class takes: its constructor's arguments, and where that takes
    ``**kwargs``, those of the class above too."""
    defaults: Dict[str, Any] = {}
    is_open = False
    for above in cls.__mro__:
        if "__init__" not in vars(above) or above is object:
            continue
        parameters = [*inspect.signature(above.__init__).parameters.values()][1:]
        named = [
            p for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        ]
        defaults = {**{p.name: p.default for p in named}, **defaults}
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
        is_open = True
    return ClassOptions(defaults, is_open)
