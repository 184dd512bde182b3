"""Reading what ``paddle.save`` wrote, without running anything of it.

Such a file (``.pdparams``, ``.pdopt``, ``.pdema``) is a pickle: a program for a small
machine, which may call any function.  Nothing can be called here, because this machine
lacks the means.  ``pickletools`` only splits bytes into opcodes and their literals.  A
name in the file becomes an entry of ``NAMES`` or an error, never an object of Python:
there is no ``import`` and no ``getattr``.  ``REDUCE`` and ``BUILD``, by which a pickle
calls and changes objects, compare their operands with the few shapes in which
``paddle.save`` and NumPy write arrays, and take bytes, shape and type of numbers from
those.  What comes out are dictionaries, lists, tuples, texts, numbers and arrays that
this module made.  ``paddle.load`` is not called.

Work is limited before it is done: a value cannot be larger than the bytes that are
there, and the numbers of opcodes and arrays and the depth of nesting are bounded.
"""

import math
import mmap
import pickletools
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

import numpy as np
import paddle

from ..errors import UserError, one_line

#: Ending of weights that ``paddle.save`` wrote.
PDPARAMS = ".pdparams"

#: Bounds of a file; eight stacks with Adam's state are 10,000 arrays, 220,000 opcodes.
MAX_OPCODES, MAX_ARRAYS, MAX_DEPTH, MAX_SIDE = 500_000, 20_000, 20, 2**31
#: Bytes that may be made, by copies and arrays, of each byte of the file.
MAX_GROWTH = 4

#: Names in a file, as ``pickletools`` gives them, and their meaning here.
NAMES = {
    "numpy ndarray": "ndarray",
    "numpy dtype": "dtype",
    "numpy.core.multiarray _reconstruct": "array",
    "numpy._core.multiarray _reconstruct": "array",
    "numpy.core.multiarray scalar": "scalar",
    "numpy._core.multiarray scalar": "scalar",
    "numpy.core.numeric _frombuffer": "buffer",  # of protocol 5
    "numpy._core.numeric _frombuffer": "buffer",
    "collections OrderedDict": "dict",
    "builtins tuple": "tuple",
    "__builtin__ tuple": "tuple",  # Python 2's module
    "builtins eval": "data",  # how static graphs' tensors are saved
    "__builtin__ eval": "data",
    "_codecs encode": "bytes",  # of protocol 2
    "builtins bytes": "bytes",
    "__builtin__ bytes": "bytes",
}

#: NumPy's types of numbers that a tensor may have; bfloat16 is saved as u2.
NUMBERS = frozenset("f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1 c8 c16".split())

#: Key of a table in the file: the name of the parameter under each key.
NAME_TABLE = "StructuredToParameterName@@"

#: Opcodes that push their literal, or an object without content.
LITERALS = frozenset(
    "BININT BININT1 BININT2 LONG1 LONG4 BINFLOAT SHORT_BINSTRING BINSTRING BINUNICODE "
    "SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8".split()
)
EMPTY = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
#: Other opcodes, and for those that take objects from the stack, how many.
TAKEN = {
    **{"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3, "APPEND": 1, "SETITEM": 2},
    **{"STACK_GLOBAL": 2, "REDUCE": 2, "BUILD": 2, "STOP": 1},
    **dict.fromkeys(("TUPLE", "APPENDS", "SETITEMS"), None),  # all down to the mark
}
UNTAKING = frozenset(
    "PROTO FRAME MARK GLOBAL MEMOIZE BINPUT LONG_BINPUT BINGET LONG_BINGET".split()
)
#: Name of each admitted opcode, and what reads the literal behind it, by its byte.
ADMITTED = {
    ord(opcode.code): (opcode.name, opcode.arg.reader if opcode.arg else None)
    for opcode in pickletools.opcodes
    if opcode.name in LITERALS.union(EMPTY, CONSTANTS, TAKEN, UNTAKING)
}


class NotData(Exception):
    """The file is not what ``paddle.save`` writes."""


class _Name(NamedTuple):
    """What stands for a class or function that the file names."""

    meaning: str


class _DType:
    """A type of numbers: NumPy's code, and ``<`` or ``>`` once it is known."""

    def __init__(self, code: str) -> None:
        self.code, self.order = code, "="


class _Array:
    """An array, which ``REDUCE`` begins and ``BUILD`` fills."""

    value: Optional[np.ndarray] = None


def read_state_file(path: str, what: str) -> Dict[str, Any]:
    """Read a file that ``paddle.save`` wrote.

    Args:
        path: the file.
        what: the file's role, for messages, such as ``weights a.pdparams (-r)``.

    Returns:
        The state: tensors, numbers, texts, and dictionaries and lists of them.

    Raises:
        UserError: the file cannot be read, is not a dictionary, or holds what
            ``paddle.save`` does not write.
    """
    try:
        with open(path, "rb") as file:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                state = _Machine(len(content)).run(content)
        if not isinstance(state, dict):
            raise NotData("it holds no state dictionary")
        names = state.pop(NAME_TABLE, {})
        return _Tensors(names if isinstance(names, dict) else {}).of(state, 0)
    except (NotData, OSError, ValueError, IndexError, KeyError) as error:
        raise UserError(f"{what} cannot be read: {one_line(error)}") from None


class _Machine:
    """Carries out the opcodes by which data are written, and refuses all others."""

    def __init__(self, size: int) -> None:
        self.stack: List[Any] = []
        self.below: List[List[Any]] = []  # what each mark covers
        self.memo: Dict[int, Any] = {}
        self.bytes_left = MAX_GROWTH * size
        self.arrays_left = MAX_ARRAYS

    def run(self, content: mmap.mmap) -> Any:
        """The object that a pickle describes."""
        memo = self.memo
        for _ in range(MAX_OPCODES):
            code = content.read_byte()
            if code not in ADMITTED:
                raise NotData(
                    f"opcode {chr(code)!r} at byte {content.tell() - 1} is none of "
                    "those that paddle.save writes"
                )
            name, reader = ADMITTED[code]
            literal = reader(content) if reader else None
            if name in LITERALS:
                if type(literal) is int and literal.bit_length() > 64:
                    raise NotData("it holds a number of more than 64 bits")
                self.stack.append(literal)
            elif name in EMPTY:
                self.stack.append(EMPTY[name]())
            elif name in CONSTANTS:
                self.stack.append(CONSTANTS[name])
            elif name == "MARK":
                self.below.append(self.stack)
                self.stack = []
            elif name == "MEMOIZE":
                memo[len(memo)] = self._top()
            elif name in ("BINPUT", "LONG_BINPUT"):
                memo[literal] = self._top()
            elif name in ("BINGET", "LONG_BINGET"):
                _require(literal in memo, "no object of that number")
                self.stack.append(memo[literal])
            elif name == "GLOBAL":
                self.stack.append(_named(literal))
            elif name in TAKEN:
                taken = self._take(TAKEN[name])
                if name == "STOP":
                    return taken[0]
                self._put(name, taken)
        raise NotData(f"it has more than {MAX_OPCODES} opcodes")

    def _top(self) -> Any:
        _require(self.stack, "no object for an opcode")
        return self.stack[-1]

    def _take(self, count: Optional[int]) -> List[Any]:
        """The last objects of the stack, or all above the last mark."""
        if count is None:
            _require(self.below, "no mark")
            taken, self.stack = self.stack, self.below.pop()
            return taken
        _require(len(self.stack) >= count, "no object for an opcode")
        taken = self.stack[-count:]
        del self.stack[-count:]
        return taken

    def _put(self, name: str, taken: List[Any]) -> None:
        """Make of the objects that an opcode takes what it leaves on the stack."""
        if name.startswith("TUPLE"):
            self.stack.append(tuple(taken))
        elif name.startswith("APPEND"):
            _require(type(self._top()) is list, "items without a list")
            self._top().extend(taken)
        elif name.startswith("SETITEM"):
            self._fill(self._top(), zip(taken[::2], taken[1::2]))
        elif name == "STACK_GLOBAL":
            _require(all(type(part) is str for part in taken), "a name without text")
            self.stack.append(_named(" ".join(taken)))
        elif name == "REDUCE":
            self.stack.append(self._reduced(*taken))
        else:
            self.stack.append(self._built(*taken))

    def _fill(self, target: Any, items: Any) -> Dict[Any, Any]:
        _require(type(target) is dict, "items without a dictionary")
        for key, value in items:
            _require(type(key) in (str, int), "a key that is neither text nor number")
            target[key] = value
        return target

    def _reduced(self, function: Any, arguments: Any) -> Any:
        """The value that a function of ``NAMES`` would return, if data are written so.

        No function is called: the arguments are compared with what is expected.
        """
        meaning = function.meaning if type(function) is _Name else ""
        few = type(arguments) is tuple and len(arguments) <= 4
        kinds = [type(argument) for argument in arguments] if few else [None]
        if meaning == "tuple" and kinds in ([tuple], [list]):
            self._spend(8 * len(arguments[0]))
            return tuple(arguments[0])
        if meaning == "dict" and kinds == []:
            return {}
        if meaning == "dict" and kinds == [list]:  # Python 2's
            self._spend(8 * len(arguments[0]))
            pairs = [pair for pair in arguments[0] if type(pair) in (list, tuple)]
            _require(all(len(pair) == 2 for pair in pairs), "no pair")
            return self._fill({}, pairs)
        if meaning == "bytes" and kinds == []:
            return b""
        if meaning == "bytes" and kinds == [str, str] and arguments[1] == "latin1":
            self._spend(len(arguments[0]))
            return arguments[0].encode("latin-1")
        if meaning == "data" and kinds == [str, dict] and arguments[0] == "data":
            return arguments[1]["data"]
        if meaning == "dtype" and kinds in ([str, bool, bool], [str, int, int]):
            _require(arguments[0] in NUMBERS, "an array of other than numbers")
            return _DType(arguments[0])
        if meaning == "scalar" and kinds[:1] == [_DType] and len(kinds) == 2:
            return self._array(arguments[1], arguments[0], (), False)[()].item()
        if meaning == "array" and kinds[:1] == [_Name] and len(kinds) == 3:
            _require(arguments[0].meaning == "ndarray", "no array")
            return _Array()
        if meaning == "buffer" and kinds[1:] == [_DType, tuple, str]:
            data, dtype, shape, order = arguments
            array = _Array()
            array.value = self._array(data, dtype, shape, order == "F")
            return array
        raise NotData("it makes an object that paddle.save does not write")

    def _built(self, target: Any, state: Any) -> Any:
        """An array with its content, or a type of numbers with its byte order."""
        few = type(state) is tuple and len(state) <= 9
        kinds = [type(part) for part in state] if few else []
        if type(target) is _DType and kinds[1:5] == [str] + 3 * [type(None)]:
            _require(state[1] in ("<", ">", "|", "="), "no byte order")
            target.order = state[1]
        elif type(target) is _Array and kinds[1:3] == [tuple, _DType]:
            _require(len(kinds) == 5 and target.value is None, "no new array")
            target.value = self._array(state[4], state[2], state[1], bool(state[3]))
        else:
            raise NotData("it changes an object as paddle.save does not")
        return target

    def _array(self, data: Any, dtype: _DType, shape: Any, fortran: bool) -> np.ndarray:
        """An array over bytes of the file, which must be exactly as many."""
        if type(data) is str:  # Python 2's
            data = data.encode("latin-1")
        kind = np.dtype(dtype.order.replace("|", "=") + dtype.code)
        _require(type(data) in (bytes, bytearray), "an array without numbers")
        _require(len(shape) <= MAX_DEPTH, "an array without a shape")
        sides = all(type(side) is int and 0 <= side < MAX_SIDE for side in shape)
        _require(sides, "an array without a shape")
        size = math.prod(shape) * kind.itemsize
        _require(len(data) == size, f"{len(data)} bytes for an array of {size}")
        self._spend(size)
        self.arrays_left -= 1
        _require(self.arrays_left >= 0, f"more than {MAX_ARRAYS} arrays")
        order = "F" if fortran else "C"
        array = np.frombuffer(data, kind).reshape(shape, order=order)
        return array.astype(dtype.code, copy=False)  # of another byte order

    def _spend(self, count: int) -> None:
        self.bytes_left -= count
        _require(self.bytes_left >= 0, "more than the file has bytes for")


def _named(name: str) -> _Name:
    if name not in NAMES:
        name = name.replace(" ", ".")
        raise NotData(
            f"it may hold only arrays, but names {name[:80]!r}: such a file "
            "could run code"
        )
    return _Name(NAMES[name])


def _require(condition: Any, problem: str) -> None:
    if not condition:
        raise NotData(f"it holds {problem}")


class _Tensors:
    """Makes tensors of a state's arrays; an array in two places becomes one tensor.

    Attributes:
        names: the parameter's name of keys.
    """

    def __init__(self, names: Mapping[Any, Any]) -> None:
        self.names = names
        self.made: Dict[int, Any] = {}
        self.objects_left = MAX_OPCODES

    def of(self, value: Any, depth: int, key: Any = None) -> Any:
        """``value`` with tensors in place of arrays."""
        self.objects_left -= 1
        _require(depth <= MAX_DEPTH and self.objects_left > 0, "too much in each other")
        if type(value) is tuple and [type(part) for part in value] == [str, _Array]:
            return self._tensor(value[1], value[0])  # a parameter's name and value
        if type(value) is _Array:
            return self._tensor(value, self.names.get(key))
        if type(value) is dict:
            return {k: self.of(item, depth + 1, k) for k, item in value.items()}
        if type(value) in (list, tuple):
            return type(value)(self.of(item, depth + 1) for item in value)
        plain = (str, int, float, bool, complex, bytes, type(None))
        _require(type(value) in plain, "something other than data")
        return value

    def _tensor(self, array: _Array, name: Any) -> paddle.Tensor:
        _require(array.value is not None, "an array without content")
        if id(array) not in self.made:
            try:
                tensor = paddle.to_tensor(np.asarray(array.value, order="C"))
            except (TypeError, ValueError, RuntimeError) as error:
                raise NotData(f"no tensor: {error}") from None
            if type(name) is str and name:
                tensor.name = name
            self.made[id(array)] = tensor
        return self.made[id(array)]
