"""Runtimes for exported models, each in a module of its own.

To add one, write a module with ``open_session(path, options)`` and list it in
``BACKENDS``.

Letters: N people, K joints, H x W pixels of a crop, h x w of a heatmap.
"""

import importlib
import os
from dataclasses import dataclass, replace
from typing import Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np

from ...errors import UserError, one_line
from ...fields import check, one_of

#: (N, 3, H, W) float32 standardised RGB -> (N, K, h, w) float32.
Network = Callable[[np.ndarray], np.ndarray]

#: Backend -> its module in this folder, and the PyPI package that it needs.
BACKENDS: Dict[str, Tuple[str, str]] = {
    "paddle": ("paddle_inference", "paddlepaddle"),
    "onnxruntime": ("onnx_runtime", "onnxruntime"),
    "openvino": ("openvino_runtime", "openvino"),
}

DEVICES = ("cpu", "gpu")
PRECISIONS = ("fp32", "fp16", "bf16", "int8")


@dataclass(frozen=True)
class Session:
    """A model opened by a runtime.

    Attributes:
        input_names: names of the model's inputs.
        run: maps arrays by these names to the model's outputs, in its order.
    """

    input_names: Sequence[str]
    run: Callable[[Dict[str, np.ndarray]], List[np.ndarray]]


@dataclass(frozen=True)
class Options:
    """How to run a model; a backend refuses what it cannot do.

    Attributes:
        device: ``cpu`` or ``gpu``.
        threads: CPU threads; None for one per core.
        precision: ``fp32``; ``bf16`` on CPUs (paddle, openvino); ``fp16`` on GPUs
            (paddle); ``int8`` (openvino), for a model that ``export --int8`` wrote.
            None for what the backend ``auto`` chooses, or else ``fp32``.
        tensorrt: compile a pose model for the GPU with TensorRT (paddle).
        onednn: let Paddle use oneDNN on the CPU.
    """

    device: str = "cpu"
    threads: Optional[int] = None
    precision: Optional[str] = None
    tensorrt: bool = False
    onednn: bool = True

    def __post_init__(self) -> None:
        check(self.device, one_of(DEVICES), "device")
        if self.precision is not None:
            check(self.precision, one_of(PRECISIONS), "precision")
        if self.threads is not None and self.threads < 1:
            raise UserError(f"threads must be at least 1, but got {self.threads}")
        if self.tensorrt and self.device != "gpu":
            raise UserError("tensorrt needs device='gpu'")

    @property
    def cpu_threads(self) -> int:
        """Number of CPU threads."""
        return self.threads or os.cpu_count() or 1

    def refuse(self, backend: str, precisions: Sequence[str], tensorrt: bool) -> None:
        """Raise :class:`UserError` for options that a backend does not support."""
        if self.precision not in precisions:
            raise UserError(
                f"backend {backend!r} on the {self.device} computes in "
                f"{' or '.join(precisions)}, not {self.precision}"
            )
        if self.tensorrt and not tensorrt:
            raise UserError(f"backend {backend!r} has no option tensorrt")


def open_session(path: str, backend: str, options: Options) -> Session:
    """Open a model, whatever its inputs and outputs.

    Args:
        path: folder of the model, or an ``.onnx`` file (onnxruntime, openvino).
        backend: one of ``BACKENDS``.
        options: how to run it.

    Raises:
        UserError: the backend is unknown, is not installed, or cannot do what the
            options ask for; or the model is missing or cannot be opened.
    """
    check(backend, one_of(tuple(BACKENDS)), "backend")
    module, package = BACKENDS[backend]
    try:
        runtime = importlib.import_module(f".{module}", __name__)
    except ModuleNotFoundError as error:
        raise UserError(
            f"backend {backend!r} needs {error.name}, which is not installed: "
            f"pip install {package}"
        ) from None
    options = replace(options, precision=options.precision or "fp32")
    try:
        return runtime.open_session(path, options)
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"backend {backend!r} cannot open {path}: {one_line(error)}"
        ) from error


def open_network(path: str, backend: str, options: Options) -> Network:
    """Open an exported pose model; see :func:`open_session`."""
    session = open_session(path, backend, options)
    return lambda crops: session.run({session.input_names[0]: crops})[0]
