"""Weights as a ``.safetensors`` file: names, shapes and numbers, which cannot run."""

from typing import Any, Dict, Mapping

import paddle

from ..errors import UserError, one_line

SAFETENSORS = ".safetensors"


def read_safetensors(path: str, what: str) -> Dict[str, paddle.Tensor]:
    """Read the tensors of a file.

    Args:
        path: the file.
        what: the file's role, for messages, such as ``weights a.safetensors (-r)``.

    Raises:
        UserError: the file cannot be read, or a tensor does not hold floats.
        ModuleNotFoundError: safetensors is not installed.
    """
    from safetensors import numpy as safetensors

    try:
        arrays = safetensors.load_file(path)
    except Exception as error:  # among others a TypeError, of types that NumPy lacks
        raise UserError(f"{what} cannot be read: {one_line(error)}") from None
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            raise UserError(f"{what}: {name} must hold floats, but is {array.dtype}")
    return {name: paddle.to_tensor(array) for name, array in arrays.items()}


def to_safetensors(state: Mapping[str, Any], facts: Mapping[str, str]) -> bytes:
    """The content of a file.

    Args:
        state: tensors by name.
        facts: texts for the file's header.

    Raises:
        ModuleNotFoundError: safetensors is not installed.
    """
    from safetensors import numpy as safetensors

    arrays = {name: tensor.numpy() for name, tensor in state.items()}
    return safetensors.save(arrays, dict(facts))
