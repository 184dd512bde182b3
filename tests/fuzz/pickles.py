"""Pickles, well formed or not: every opcode, admitted names and forbidden ones."""

import pickle
import pickletools
import struct

import numpy as np

from ppdet_hourglass.compat.state_file import NAMES

#: Names that a file may have, and others that it must not reach.
ADMITTED = [name.split() for name in NAMES]
FORBIDDEN = [
    *(["os", "system"], ["posix", "mkdir"], ["builtins", "exec"], ["numpy", "load"]),
    *(["builtins", "getattr"], ["numpy", "memmap"], ["builtins", "bytearray"]),
]
#: Objects of NumPy as pickles have them, without ``PROTO``, ``FRAME`` and ``STOP``.
ARRAY = pickle.dumps(np.ones((2, 3), np.float32), 4)[11:-1]
ARRAY_2 = pickle.dumps(np.ones(3, np.float64), 2)[2:-1]
SCALAR = pickle.dumps(np.float64(3), 2)[2:-1]
DTYPE = pickle.dumps(np.dtype("<f4"), 2)[2:-1]

OPCODES = {opcode.name: opcode for opcode in pickletools.opcodes}
LITERALS = (
    "NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 BINFLOAT BINSTRING BINBYTES "
    "SHORT_BINSTRING BINUNICODE SHORT_BINUNICODE BINUNICODE8 SHORT_BINBYTES BINBYTES8 "
    "BYTEARRAY8 EMPTY_DICT EMPTY_LIST EMPTY_TUPLE"
).split()


def _literal(opcode, random):
    """Bytes of an opcode's argument, right or not."""
    name = opcode.arg.name
    text = random.choice([b"", b"a", b"data", b"latin1", b"f4", b"<", b"C", bytes(24)])
    size = len(text) if random.random() < 0.9 else random.choice([0, 5, 2**31 - 1])
    number = random.choice([0, 1, 2, 3, 5, 24, 255])
    if name in ("stringnl_noescape_pair",):
        names = random.choice(ADMITTED if random.random() < 0.8 else FORBIDDEN)
        return "\n".join([*names, ""]).encode()
    if name.endswith("nl") or "nl_" in name:
        return random.choice([b"1\n", b"01\n", b"'a'\n", b"a\n", b"-7L\n", b"9" * 50])
    if name in ("uint1",):
        return bytes([number])
    if name in ("uint2",):
        return struct.pack("<H", number)
    if name in ("int4", "uint4"):
        return struct.pack("<I", number if random.random() < 0.9 else 2**31 - 1)
    if name == "uint8":
        return struct.pack("<Q", random.choice([0, number, 2**63]))
    if name == "float8":
        return struct.pack(">d", 1.5)
    width = {"1": "<B", "4": "<I", "8": "<Q"}[name[-1]]
    if width == "<Q" and random.random() < 0.1:
        size = 8 * 2**30
    return struct.pack(width, min(size, 255 if width == "<B" else size)) + text


def _value(random, depth):
    """Opcodes that leave one object on the stack, which may be called or changed."""
    kind = random.random()
    if depth == 0 or kind < 0.3:
        name = random.choice(LITERALS)
        opcode = OPCODES[name]
        literal = _literal(opcode, random) if opcode.arg else b""
        return opcode.code.encode("latin-1") + literal
    if kind < 0.45:
        return random.choice([ARRAY, ARRAY_2, DTYPE, SCALAR])
    if kind < 0.5:
        return b"h" + bytes([random.randrange(4)])  # an earlier object
    values = [_value(random, depth - 1) for _ in range(random.randint(0, 4))]
    if kind < 0.75:
        shape = random.choice([b"(%st", b"](%se", b"}(%su", b"(%sl", b"(%sd", b"(%s1"])
        return shape % b"".join(values) + random.choice([b"", b"", b"\x94"])
    names = random.choice(FORBIDDEN if random.random() < 0.05 else ADMITTED)
    called = b"c%s\n%s\n" % tuple(name.encode() for name in names)
    called += b"(%st" % b"".join(values) + random.choice([b"R", b"R", b"\x81", b"o"])
    if random.random() < 0.5:
        return called
    return called + b"(%st" % b"".join(values[::-1]) + b"b"


def program(random):
    """A pickle of objects made of each other, at times with a wrong opcode in it."""
    count = random.randint(1, 6)
    items = [b"\x8c\x01%c" % (97 + n) + _value(random, 4) for n in range(count)]
    if random.random() < 0.2:
        opcode = random.choice(pickletools.opcodes)
        literal = _literal(opcode, random) if opcode.arg else b""
        items.append(opcode.code.encode("latin-1") + literal)
    return b"\x80\x04}\x94(" + b"".join(items) + b"u."
