"""Random arrays that two frameworks can both make from names and shapes.

Nothing of them need be stored.  NumPy has frozen the stream of ``RandomState``,
so every version of it draws the same.
"""

import zlib
from typing import Dict, Tuple

import numpy as np


def seeded_arrays(
    shapes: Dict[str, Tuple[int, ...]], seed: int
) -> Dict[str, np.ndarray]:
    """Weights of a network, float32, each fixed by its key, shape and ``seed``.

    Kernels of variance 1 / inputs; factors and variances between 0.5 and 1.5;
    all else (biases, means) within 0.1 of zero.

    Args:
        shapes: of each PyTorch key.
        seed: another number for other weights.
    """
    return {key: _array(key, shape, seed) for key, shape in shapes.items()}


def _array(key: str, shape: Tuple[int, ...], seed: int) -> np.ndarray:
    draw = np.random.RandomState(zlib.crc32(f"{seed} {key} {shape}".encode()))
    if len(shape) > 1:
        values = draw.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
    elif key.endswith(("running_var", "weight")):
        values = draw.uniform(0.5, 1.5, shape)
    else:
        values = draw.uniform(-0.1, 0.1, shape)
    return values.astype(np.float32)
