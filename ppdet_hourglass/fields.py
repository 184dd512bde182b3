"""Checking the records of a file key by key.

A reader states the :class:`Kind` of each value and gets the checked values::

    columns = read_columns(records, {"image": TEXT, "bbox": numbers(4)}, where)
"""

import math
from dataclasses import dataclass
from itertools import chain
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

import numpy as np

from .errors import UserError

#: Most characters of a value that a message shows.
MAX_SHOWN_CHARACTERS = 120


@dataclass(frozen=True)
class Kind:
    """What a value must be.

    Attributes:
        expected: description for messages.
        fits: whether a value is of the kind.
        to_array: of numbers: converts many values to one array; None if one is wrong.
        item: of lists: kind of the elements, so that a message can name a wrong one.
    """

    expected: str
    fits: Callable[[Any], bool]
    to_array: Optional[Callable[[List[Any]], Optional[np.ndarray]]] = None
    item: Optional["Kind"] = None


TEXT = Kind("a non-empty string", lambda value: isinstance(value, str) and value)
WHOLE = Kind("a whole number", lambda value: type(value) is int)
OBJECT = Kind("an object", lambda value: isinstance(value, dict))


def one_of(known: Sequence[str]) -> Kind:
    """One of some known values."""
    return Kind(f"one of {', '.join(known)}", lambda value: value in known)


def list_of(item: Kind, expected: str, least: int = 0) -> Kind:
    """A list of at least ``least`` values of one kind."""
    return Kind(
        expected,
        lambda v: isinstance(v, list) and len(v) >= least and all(map(item.fits, v)),
        item=item,
    )


def numbers(
    *shape: int, above: float = -math.inf, note: str = "", flags: bool = False
) -> Kind:
    """Finite numbers; the values of N records become a float64 array (N, *shape).

    Args:
        shape: shape of one record's value; a single number if left out.
        above: lower bound that each number must exceed.
        note: origin of the shape, for messages, such as ``3 x 17``.
        flags: whether ``true`` and ``false`` count as 1 and 0.
    """

    def to_array(values: List[Any]) -> Optional[np.ndarray]:
        flat = values
        for length in shape:
            if set(map(type, flat)) - {list} or set(map(len, flat)) - {length}:
                return None
            flat = list(chain.from_iterable(flat))
        if set(map(type, flat)) - ({int, float, bool} if flags else {int, float}):
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
    item = numbers(*shape[1:], above=above, flags=flags) if shape else None
    return Kind(expected, lambda value: to_array([value]) is not None, to_array, item)


def check(value: Any, kind: Kind, name: str) -> Any:
    """Return ``value`` if it is of a kind.

    Raises:
        UserError: it is not; the message begins with ``name``.
    """
    if kind.fits(value):
        return value
    if kind.item and isinstance(value, list):
        for index, element in enumerate(value):
            check(element, kind.item, f"{name}[{index}]")
    shown = repr(value)
    if len(shown) > MAX_SHOWN_CHARACTERS:
        shown = f"{shown[:MAX_SHOWN_CHARACTERS]}..."
    size = f"a list of {len(value)}: " if isinstance(value, list) else ""
    raise UserError(f"{name} must be {kind.expected}, but got {size}{shown}")


def check_object(content: Any, kinds: Mapping[str, Kind], where: str) -> Dict[str, Any]:
    """Return an object after checking it as :func:`read_columns` checks a list."""
    check(content, OBJECT, where)
    read_columns([content], kinds, lambda _: where)
    return content


def read_columns(
    records: Sequence[Dict[str, Any]],
    kinds: Mapping[str, Kind],
    where: Callable[[int], str],
) -> Dict[str, Any]:
    """Collect the values of each key: an array for :func:`numbers`, else a list.

    Args:
        records: N objects.
        kinds: kind of each key's value; other keys are ignored.
        where: describes the record of an index for messages: file and record.

    Raises:
        UserError: a record lacks a key, or its value is of another kind.
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
