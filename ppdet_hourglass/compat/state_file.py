"""Files that ``paddle.save`` wrote are data, never programs.

They are pickles, and Paddle's own loader runs whatever code a pickle names.
"""

import pickle
from typing import Any, Callable, FrozenSet, Mapping

from ..errors import UserError, one_line

#: Ending of weights that ``paddle.save`` wrote.
PDPARAMS = ".pdparams"

_ARRAY_MAKERS = frozenset({"_reconstruct", "scalar", "_frombuffer"})

#: Module -> the names in it that a state file may call: what NumPy's arrays and
#: Paddle's tensors, saved as tuples of a name and an array, are made of.
ALLOWED: Mapping[str, FrozenSet[str]] = {
    "numpy": frozenset({"ndarray", "dtype"}),
    "numpy.core.multiarray": _ARRAY_MAKERS,
    "numpy.core.numeric": _ARRAY_MAKERS,
    "numpy._core.multiarray": _ARRAY_MAKERS,
    "numpy._core.numeric": _ARRAY_MAKERS,
    "builtins": frozenset({"tuple"}),
    "__builtin__": frozenset({"tuple"}),  # Python 2's name, in old protocols
    "collections": frozenset({"OrderedDict"}),
    "_codecs": frozenset({"encode"}),  # of NumPy's arrays in old protocols
}


#: Objects may be numbered so far ahead of their count.
SPARE_NUMBERS = 1000


class _Refused(pickle.UnpicklingError):
    """The file names something other than arrays and containers."""


class _DataUnpickler(pickle._Unpickler):
    """The unpickler in Python, without calls of anything but ``ALLOWED``.

    The compiled one makes room for as many objects as a file numbers: 20 GB for a file
    of a few bytes.  Paddle's loader uses that one, so such numbers are refused here.
    """

    dispatch = dict(pickle._Unpickler.dispatch)

    def find_class(self, module: str, name: str) -> Any:
        if name not in ALLOWED.get(module, ()):
            raise _Refused(f"{module}.{name}")
        return super().find_class(module, name)


def _numbered_in_turn(load: Callable[[Any], None]) -> Callable[[Any], None]:
    """An operation that numbers an object; picklers count from 0."""

    def checked(self: Any) -> None:
        load(self)
        if next(reversed(self.memo)) > len(self.memo) + SPARE_NUMBERS:
            raise pickle.UnpicklingError("it numbers more objects than it has")

    return checked


for _operation in (pickle.PUT, pickle.BINPUT, pickle.LONG_BINPUT):
    _code = _operation[0]
    _DataUnpickler.dispatch[_code] = _numbered_in_turn(_DataUnpickler.dispatch[_code])


def refuse_code(path: str, what: str) -> None:
    """Refuse a file of Paddle's that holds anything but arrays and containers.

    Args:
        path: a file that ``paddle.save`` wrote.
        what: the file's role, for messages, such as ``weights a.pdparams (-r)``.

    Raises:
        UserError: the file cannot be read, or names other things.
    """
    try:
        with open(path, "rb") as file:
            _DataUnpickler(file, encoding="latin1").load()  # of Python 2 too
    except _Refused as error:
        raise UserError(
            f"{what} may hold only arrays, but names {error}: such a file could run "
            "code and is not read"
        ) from None
    except Exception as error:  # a damaged pickle can raise anything
        raise UserError(f"{what} cannot be read: {one_line(error)}") from None
