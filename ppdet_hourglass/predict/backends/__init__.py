"""Runtimes that run a model, each in a module of its own.

A new one is a module with ``open_session(path, options)``, and a row of ``BACKENDS``.

Letters: N people, K joints, H x W pixels of a crop, h x w of a heatmap.
"""

import importlib
import os
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np

from ...errors import UserError, one_line

#: (N, 3, H, W) float32 standardised RGB -> (N, K, h, w) float32.
Network = Callable[[np.ndarray], np.ndarray]

#: Backend -> its module here, and the PyPI package that it needs.
BACKENDS: Dict[str, Tuple[str, str]] = {
    "paddle": ("paddle_inference", "paddlepaddle"),
    "onnxruntime": ("onnx_runtime", "onnxruntime"),
    "openvino": ("openvino_runtime", "openvino"),
}

DEVICES = ("cpu", "gpu")
PRECISIONS = ("fp32", "fp16", "bf16")


@dataclass(frozen=True)
class Session:
    """A model that a runtime has opened.

    Attributes:
        input_names: names of the arrays that the model takes.
        run: arrays by these names -> the model's outputs, in its order.
    """

    input_names: Sequence[str]
    run: Callable[[Dict[str, np.ndarray]], List[np.ndarray]]


@dataclass(frozen=True)
class Options:
    """How to run a model; a backend refuses what it cannot do.

    Attributes:
        device: ``cpu`` or ``gpu``.
        threads: of the CPU; None for one per core.
        precision: ``fp32``; ``bf16`` on CPUs (paddle, openvino); ``fp16`` on GPUs
            (paddle).
        tensorrt: compile a pose model for the GPU with TensorRT (paddle).
        onednn: let Paddle use oneDNN on the CPU.

    Raises:
        UserError: a value that no backend knows.
    """

    device: str = "cpu"
    threads: Optional[int] = None
    precision: str = "fp32"
    tensorrt: bool = False
    onednn: bool = True

    def __post_init__(self) -> None:
        _one_of("device", self.device, DEVICES)
        _one_of("precision", self.precision, PRECISIONS)
        if self.threads is not None and self.threads < 1:
            raise UserError(f"threads must be at least 1, but got {self.threads}")
        if self.tensorrt and self.device != "gpu":
            raise UserError("tensorrt needs device='gpu'")

    @property
    def cpu_threads(self) -> int:
        """CPU threads to use."""
        return self.threads or os.cpu_count() or 1

    def refuse(self, backend: str, precisions: Sequence[str], tensorrt: bool) -> None:
        """Raise :class:`UserError` for what a backend cannot do on the device."""
        if self.precision not in precisions:
            raise UserError(
                f"backend {backend!r} on the {self.device} computes in "
                f"{' or '.join(precisions)}, not {self.precision}"
            )
        if self.tensorrt and not tensorrt:
            raise UserError(f"backend {backend!r} has no option tensorrt")


def open_session(path: str, backend: str, options: Options) -> Session:
    """Open a model, of whatever inputs and outputs.

    Args:
        path: folder that holds the model; or an ``.onnx`` file (onnxruntime, openvino).
        backend: one of ``BACKENDS``.
        options: how to run it.

    Raises:
        UserError: unknown backend, its package is not installed, it cannot do what
            the options ask for, or the model is missing or cannot be opened.
    """
    _one_of("backend", backend, tuple(BACKENDS))
    module, package = BACKENDS[backend]
    try:
        runtime = importlib.import_module(f".{module}", __name__)
    except ModuleNotFoundError as error:
        raise UserError(
            f"backend {backend!r} needs {error.name}, which is not installed: "
            f"pip install {package}"
        ) from None
    try:
        return runtime.open_session(path, options)
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"backend {backend!r} cannot open {path}: {one_line(error)}"
        ) from error


def open_network(path: str, backend: str, options: Options) -> Network:
    """Open an exported pose model; arguments and errors as of :func:`open_session`."""
    session = open_session(path, backend, options)
    return lambda crops: session.run({session.input_names[0]: crops})[0]


def _one_of(key: str, value: Any, known: Tuple[str, ...]) -> None:
    if value not in known:
        raise UserError(f"{key} must be one of {', '.join(known)}, but got {value!r}")
