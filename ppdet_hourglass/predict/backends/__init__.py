"""Runtimes that an exported model runs on, each in a module of its own.

A backend's module has ``open_network(folder, options)``, as is here.

Letters: N people, K joints, H x W pixels of a crop, h x w of a heatmap.
"""

import importlib
import os
from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional, Tuple

import numpy as np

from ...errors import UserError

#: (N, 3, H, W) float32 standardised RGB -> (N, K, h, w) float32.
Network = Callable[[np.ndarray], np.ndarray]

#: Backend -> its module, and the extra that installs what it needs.
BACKENDS: Dict[str, Tuple[str, str]] = {
    "paddle": ("paddle_inference", "cpu"),
    "onnxruntime": ("onnx_runtime", "onnx"),
    "openvino": ("openvino_runtime", "openvino"),
}

DEVICES = ("cpu", "gpu")
PRECISIONS = ("fp32", "fp16", "bf16")


@dataclass(frozen=True)
class Options:
    """How to run a network; a backend refuses what it cannot do.

    Attributes:
        device: ``cpu`` or ``gpu``.
        threads: of the CPU; None for one per core.
        precision: ``fp32``; ``bf16`` on CPUs (paddle, openvino); ``fp16`` on GPUs
            (paddle).
        tensorrt: compile for the GPU with TensorRT (paddle).

    Raises:
        UserError: a value that no backend knows.
    """

    device: str = "cpu"
    threads: Optional[int] = None
    precision: str = "fp32"
    tensorrt: bool = False

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

    def refuse(self, backend: str, precisions: Tuple[str, ...]) -> None:
        """Raise :class:`UserError` for what a backend cannot do on the device."""
        if self.precision not in precisions:
            raise UserError(
                f"backend {backend!r} on the {self.device} computes in "
                f"{' or '.join(precisions)}, not {self.precision}"
            )
        if self.tensorrt and backend != "paddle":
            raise UserError(f"backend {backend!r} has no option tensorrt")


def open_network(backend: str, folder: str, options: Options) -> Network:
    """The network of an exported folder, ready to be called.

    Raises:
        UserError: unknown backend, its package is not installed, it cannot do what
            the options ask for, or the folder lacks the model it needs, whole.
    """
    _one_of("backend", backend, tuple(BACKENDS))
    module, extra = BACKENDS[backend]
    try:
        runtime = importlib.import_module(f".{module}", __name__)
    except ModuleNotFoundError as error:
        raise UserError(
            f"backend {backend!r} needs {error.name}, which is not installed: "
            f"pip install 'ppdet_hourglass[{extra}]'"
        ) from None
    try:
        return runtime.open_network(folder, options)
    except UserError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"backend {backend!r} cannot open the model in {folder}: {reason}"
        ) from error


def _one_of(key: str, value: Any, known: Tuple[str, ...]) -> None:
    if value not in known:
        raise UserError(f"{key} must be one of {', '.join(known)}, but got {value!r}")
