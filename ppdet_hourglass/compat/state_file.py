"""Reading what ``paddle.save`` wrote, without running anything of it.

Such a file (``.pdparams``, ``.pdopt``, ``.pdema``) is a pickle: a program for a small
machine, which may call any function.  Nothing can be called here, because this machine
lacks the means.  ``pickletools`` only reads the literals behind opcodes.  A name in the
file becomes an entry of ``NAMES`` or an error, never an object of Python: there is no
``import`` and no ``getattr``.  ``REDUCE`` and ``BUILD``, by which a pickle calls and
changes objects, compare their operands with the few shapes in which ``paddle.save`` and
NumPy write arrays, and take bytes, shape and type of numbers from those.  What comes
out are containers, texts, numbers and arrays that this module made.  ``paddle.load`` is
not called.

Work is limited before it is done: a value cannot be larger than the bytes that are
there, and the numbers of opcodes and arrays and the depth of nesting are bounded.
"""

import math
import mmap
import pickletools
from typing import Any, Dict, List, NamedTuple, Optional

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
    "builtins eval": "data",  # how static graphs' tensors are saved
    "builtins bytes": "bytes",
    "_codecs encode": "bytes",  # of protocol 2
}

#: NumPy's types of numbers that a tensor may have; bfloat16 is saved as u2.
NUMBERS = frozenset("f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1 c8 c16".split())

#: Key of a table in the file: the name of the parameter under each key.
NAME_TABLE = "StructuredToParameterName@@"

#: Opcodes that push their literal.
LITERALS = frozenset(
    "BININT BININT1 BININT2 LONG1 LONG4 BINFLOAT SHORT_BINSTRING BINSTRING BINUNICODE "
    "SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8".split()
)
#: Opcodes that push an object of their own, those that make a tuple, and all others.
EMPTY = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
OTHERS = (
    "PROTO FRAME MARK MEMOIZE BINPUT LONG_BINPUT BINGET LONG_BINGET GLOBAL "
    "STACK_GLOBAL TUPLE APPEND APPENDS SETITEM SETITEMS REDUCE BUILD STOP".split()
)
#: Name of each of them and reader of its literal, by its byte.
ADMITTED = {
    ord(opcode.code): (opcode.name, opcode.arg.reader if opcode.arg else None)
    for opcode in pickletools.opcodes
    if opcode.name in LITERALS.union(EMPTY, CONSTANTS, TUPLES, OTHERS)
}


class NotData(Exception):
    """The file is not what ``paddle.save`` writes."""


class _Name(NamedTuple):
    """What stands for a class or function that the file names."""

    meaning: str


class _DType:
    """A type of numbers: NumPy's code, and its byte order once that is known."""

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
        _require(type(state) is dict, "no state dictionary")
        return _Tensors(state.pop(NAME_TABLE, {})).of(state, 0)
    except (NotData, OSError, ValueError, KeyError) as error:
        raise UserError(f"{what} cannot be read: {one_line(error)}") from None


class _Machine:
    """Carries out the opcodes by which data are written, and refuses all others."""

    def __init__(self, size: int) -> None:
        self.stack: List[Any] = []
        self.below: List[List[Any]] = []  # what each mark covers
        self.bytes_left, self.arrays_left = MAX_GROWTH * size, MAX_ARRAYS

    def run(self, content: mmap.mmap) -> Any:
        """The object that a pickle describes."""
        memo: Dict[int, Any] = {}
        for _ in range(MAX_OPCODES):
            code = content.read_byte()
            name, reader = ADMITTED.get(code, (None, None))
            literal = reader(content) if reader else None
            push = self.stack.append
            if name in LITERALS:
                number = type(literal) is int
                _require(not number or literal.bit_length() <= 64, "a number too large")
                push(literal)
            elif name in EMPTY:
                push(EMPTY[name]())
            elif name in CONSTANTS:
                push(CONSTANTS[name])
            elif name == "MARK":
                self.below.append(self.stack)
                self.stack = []
            elif name in ("MEMOIZE", "BINPUT", "LONG_BINPUT"):
                memo[len(memo) if literal is None else literal] = self._top()
            elif name in ("BINGET", "LONG_BINGET"):
                _require(literal in memo, "no object of that number")
                push(memo[literal])
            elif name in ("GLOBAL", "STACK_GLOBAL"):
                words = self._taken(2) if literal is None else [literal]
                _require({*map(type, words)} == {str}, "a name without text")
                push(_named(" ".join(words)))
            elif name in TUPLES:
                taken = self._taken(TUPLES[name])
                push(tuple(taken))
            elif name == "TUPLE":
                taken = self._marked()
                self.stack.append(tuple(taken))
            elif name in ("APPEND", "APPENDS"):
                taken = self._taken(1) if name == "APPEND" else self._marked()
                _require(type(self._top()) is list, "items without a list")
                self._top().extend(taken)
            elif name in ("SETITEM", "SETITEMS"):
                taken = self._taken(2) if name == "SETITEM" else self._marked()
                _fill(self._top(), zip(taken[::2], taken[1::2]))
            elif name == "REDUCE":
                function, arguments = self._taken(2)
                push(self._reduced(function, arguments))
            elif name == "BUILD":
                state = self._taken(2)
                push(self._built(*state))
            elif name == "STOP":
                return self._top()
            elif name is None:
                raise NotData(f"paddle.save writes no opcode {chr(code)!r}")
        raise NotData(f"it has more than {MAX_OPCODES} opcodes")

    def _top(self) -> Any:
        _require(self.stack, "no object for an opcode")
        return self.stack[-1]

    def _taken(self, count: int) -> List[Any]:
        """The last objects of the stack, which are taken off it."""
        _require(len(self.stack) >= count, "no object for an opcode")
        taken = self.stack[-count:]
        del self.stack[-count:]
        return taken

    def _marked(self) -> List[Any]:
        """All objects above the last mark, which are taken off with it."""
        _require(self.below, "no mark")
        taken, self.stack = self.stack, self.below.pop()
        return taken

    def _reduced(self, function: Any, arguments: Any) -> Any:
        """The value that a function would return; its arguments are data or refused."""
        few = type(arguments) is tuple and len(arguments) <= 4
        kinds = [type(argument) for argument in arguments] if few else [None]
        meaning = function.meaning if type(function) is _Name else ""
        if meaning == "tuple" and kinds in ([tuple], [list]):
            self._spend(8 * len(arguments[0]))
            return tuple(arguments[0])
        if meaning == "dict" and kinds in ([], [list]):
            pairs = arguments[0] if kinds else []  # Python 2's
            self._spend(8 * len(pairs))
            _require(all(type(p) in (list, tuple) for p in pairs), "no pairs")
            return _fill({}, pairs)
        if meaning == "bytes" and kinds in ([], [str, str]):
            _require(arguments[1:] in ((), ("latin1",)), "text of another encoding")
            self._spend(sum(map(len, arguments)))
            return "".join(arguments[:1]).encode("latin-1")
        if meaning == "data" and kinds == [str, dict] and arguments[0] == "data":
            return arguments[1]["data"]
        if meaning == "dtype" and kinds in ([str, bool, bool], [str, int, int]):
            _require(arguments[0] in NUMBERS, "an array of other than numbers")
            return _DType(arguments[0])
        if meaning == "scalar" and kinds[:1] == [_DType] and len(kinds) == 2:
            return self._array(arguments[1], arguments[0], (), False)[()].item()
        if meaning == "array" and kinds[:1] == [_Name]:
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
            target.order = state[1].replace("|", "=")
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
        _require(type(data) in (bytes, bytearray), "an array without numbers")
        sides = shape if len(shape) <= MAX_DEPTH else (None,)
        right = all(type(side) is int and 0 <= side < MAX_SIDE for side in sides)
        _require(right, "an array without a shape")
        kind = np.dtype(dtype.order + dtype.code)
        size = math.prod(shape) * kind.itemsize
        _require(len(data) == size, f"{len(data)} bytes for an array of {size}")
        self._spend(size)
        self.arrays_left -= 1
        _require(self.arrays_left >= 0, f"more than {MAX_ARRAYS} arrays")
        array = np.frombuffer(data, kind).reshape(shape, order="F" if fortran else "C")
        return array.astype(dtype.code, copy=False)  # of another byte order

    def _spend(self, count: int) -> None:
        self.bytes_left -= count
        _require(self.bytes_left >= 0, "more than the file has bytes for")


def _named(name: str) -> _Name:
    name = name.replace("__builtin__ ", "builtins ")  # Python 2's
    if name not in NAMES:
        shown = name[:80].replace(" ", ".")
        raise NotData(f"it names {shown!r}, which is no data and could run code")
    return _Name(NAMES[name])


def _fill(target: Any, pairs: Any) -> Dict[Any, Any]:
    _require(type(target) is dict, "items without a dictionary")
    for key, value in pairs:
        _require(type(key) in (str, int), "a key that is neither text nor number")
        target[key] = value
    return target


def _require(condition: Any, problem: str) -> None:
    if not condition:
        raise NotData(f"it holds {problem}")


class _Tensors:
    """Makes tensors of a state's arrays; an array in two places becomes one tensor."""

    def __init__(self, names: Any) -> None:
        self.names = names if type(names) is dict else {}
        self.made: Dict[int, Any] = {}
        self.objects_left = MAX_OPCODES

    def of(self, value: Any, depth: int, key: Any = None) -> Any:
        """``value`` with tensors in place of arrays."""
        self.objects_left -= 1
        _require(depth <= MAX_DEPTH and self.objects_left > 0, "too much in each other")
        if type(value) is tuple and [*map(type, value)] == [str, _Array]:
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
        if id(array) not in self.made:
            _require(array.value is not None, "an array without content")
            try:
                tensor = paddle.to_tensor(np.asarray(array.value, order="C"))
            except (TypeError, RuntimeError) as error:
                raise NotData(f"it holds no tensor: {error}") from None
            if type(name) is str and name:
                tensor.name = name
            self.made[id(array)] = tensor
        return self.made[id(array)]
