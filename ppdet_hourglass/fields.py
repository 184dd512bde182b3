"""Checking what a file holds, stated key by key.

A reader says of what :class:`Kind` each value must be and gets the values back, so
that the code after it can trust them::

    columns = read_columns(records, {"image": TEXT, "bbox": numbers(4)}, where)
"""

import math
from dataclasses import dataclass
from itertools import chain
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

import numpy as np

from .errors import UserError

#: Longest value, in characters, that a message shows whole.
LONGEST = 120


@dataclass(frozen=True)
class Kind:
    """What a value must be.

    Attributes:
        expected: what that is in words, for messages.
        fits: whether a value is of the kind.
        to_array: returns many values as one array, None if one of them does not fit;
            only numbers have it.
        item: what each value of a list must be, to say which of them does not fit.
    """

    expected: str
    fits: Callable[[Any], bool]
    to_array: Optional[Callable[[List[Any]], Optional[np.ndarray]]] = None
    item: Optional["Kind"] = None


TEXT = Kind("a text that is not empty", lambda value: isinstance(value, str) and value)
WHOLE = Kind("a whole number", lambda value: isinstance(value, int))
OBJECT = Kind("an object", lambda value: isinstance(value, dict))


def one_of(known: Sequence[str]) -> Kind:
    """Values out of a few."""
    return Kind(f"one of {', '.join(known)}", lambda value: value in known)


def list_of(item: Kind, expected: str, least: int = 0) -> Kind:
    """Lists of at least so many values of a kind."""
    return Kind(
        expected,
        lambda v: isinstance(v, list) and len(v) >= least and all(map(item.fits, v)),
        item=item,
    )


def numbers(*shape: int, above: float = -math.inf, note: str = "") -> Kind:
    """Finite numbers, read as a float64 array (N, *shape) of N records.

    Args:
        shape: of each value; a single number if left out.
        above: what each number must exceed.
        note: where the shape comes from, for messages, such as ``3 x 17``.
    """

    def to_array(values: List[Any]) -> Optional[np.ndarray]:
        flat = values
        for length in shape:
            if set(map(type, flat)) - {list} or set(map(len, flat)) - {length}:
                return None
            flat = list(chain.from_iterable(flat))
        if set(map(type, flat)) - {int, float, bool}:
            return None
        try:
            array = np.array(flat, np.float64).reshape(len(values), *shape)
        except OverflowError:  # a whole number of hundreds of digits
            return None
        return array if (np.isfinite(array) & (array > above)).all() else None

    size = " x ".join(map(str, shape))
    expected = f"{size} finite numbers" if shape else "a finite number"
    expected += f" above {above:g}" if math.isfinite(above) else ""
    expected += f" ({note})" if note else ""
    item = numbers(*shape[1:], above=above) if shape else None
    return Kind(expected, lambda value: to_array([value]) is not None, to_array, item)


def check(value: Any, kind: Kind, name: str) -> Any:
    """Return a value that is of a kind.

    Raises:
        UserError: it is of another; says ``name``, what was expected and what came.
    """
    if kind.fits(value):
        return value
    if kind.item and isinstance(value, list):
        for index, element in enumerate(value):
            check(element, kind.item, f"{name}[{index}]")
    shown = repr(value)
    shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}..."
    size = f"a list of {len(value)}: " if isinstance(value, list) else ""
    raise UserError(f"{name} must be {kind.expected}, but got {size}{shown}")


def check_object(content: Any, kinds: Mapping[str, Kind], where: str) -> Dict[str, Any]:
    """Return one object, checked as :func:`read_columns` checks many."""
    check(content, OBJECT, where)
    read_columns([content], kinds, lambda _: where)
    return content


def read_columns(
    records: Sequence[Dict[str, Any]],
    kinds: Mapping[str, Kind],
    where: Callable[[int], str],
) -> Dict[str, Any]:
    """The values of each key: an array for :func:`numbers`, else a list.

    Args:
        records: N objects.
        kinds: what each key must hold; other keys are not looked at.
        where: names file and record for a record's index.

    Raises:
        UserError: a key is missing, or holds something else.
    """
    columns: Dict[str, Any] = {}
    for key, kind in kinds.items():
        for index, record in enumerate(records):
            if key not in record:
                raise UserError(f"{where(index)}: key '{key}' is missing")
        values = [record[key] for record in records]
        columns[key] = kind.to_array(values) if kind.to_array else None
        if columns[key] is None:
            for index, value in enumerate(values):
                check(value, kind, f"{where(index)}: '{key}'")
            columns[key] = values
    return columns
