"""What "relative" means in the parity tests, and how large arrays are stored."""

import zlib

import numpy as np

#: Numbers that are kept of an array.
SKETCH_SIZE = 64


def relative(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Length of the difference, by the length of ``theirs`` (Euclidean).

    Of two numbers it is the ordinary relative deviation.

    Raises:
        ValueError: the shapes differ, or ``theirs`` is all zero.
    """
    ours, theirs = (np.asarray(array, dtype=np.float64) for array in (ours, theirs))
    if ours.shape != theirs.shape:
        raise ValueError(f"shapes differ: {ours.shape} and {theirs.shape}")
    length = np.linalg.norm(theirs)
    if length == 0:
        raise ValueError("nothing can be relative to zero")
    return float(np.linalg.norm(ours - theirs) / length)


def sketch(array: np.ndarray, name: str) -> np.ndarray:
    """``SKETCH_SIZE`` numbers that keep differences, for fixtures of a few MB.

    A count sketch (Charikar, Chen and Farach-Colton, 2002): every element falls,
    with a random sign, into one of the sums.  It is linear, and the expected
    squared length of a sketch is the array's own, so that :func:`relative` of two
    sketches estimates that of the arrays to some 10 %.  An array that is no longer
    than its sketch is kept as it is.

    Args:
        array: any shape.
        name: fixes the signs.
    """
    flat = np.asarray(array, dtype=np.float64).ravel()
    if flat.size <= SKETCH_SIZE:
        return flat
    draw = np.random.RandomState(zlib.crc32(name.encode()))
    signed = flat * (2 * draw.randint(0, 2, flat.size) - 1)
    rows = -(-flat.size // SKETCH_SIZE)
    padded = np.zeros(rows * SKETCH_SIZE)
    padded[: flat.size] = signed
    return padded.reshape(rows, SKETCH_SIZE).sum(axis=0)
