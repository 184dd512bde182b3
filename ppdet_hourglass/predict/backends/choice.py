"""The backend ``auto``: the fastest way to run an exported pose model here."""

import importlib.util
import logging
import os
from dataclasses import replace
from typing import Dict, List, Tuple

from ...errors import UserError
from ...fields import check, one_of
from ..export_folder import INT8, ONNX, read_moved
from . import BACKENDS, Network, Options, open_network

logger = logging.getLogger(__name__)

AUTO = "auto"

#: A backend and a precision.
Way = Tuple[str, str]

#: Device -> ways, fastest first.  Hourglass-52 and one crop on a CPU with bf16 and VNNI
#: (Zen 4) take, in multiples of torch's forward: 0.24, 0.46, 0.47, 0.84, 0.87, 0.88.
#: Without either (Zen 2), int8 takes 0.79, and the three in fp32 0.88, 1.06 and 0.92.
#: No GPU was measured: Paddle comes first there, as the model was trained with it.
WAYS: Dict[str, Tuple[Way, ...]] = {
    "cpu": (
        ("openvino", "int8"),
        ("openvino", "bf16"),
        ("paddle", "bf16"),
        ("openvino", "fp32"),
        ("onnxruntime", "fp32"),
        ("paddle", "fp32"),
    ),
    "gpu": (("paddle", "fp32"), ("onnxruntime", "fp32"), ("openvino", "fp32")),
}

#: ``auto`` uses bf16 if it moves the joints by at most this, pixels of the crop.
MAX_MOVED_PX = 0.5

#: Flags in Linux's ``cpuinfo`` of processors that compute in bf16.
BF16_FLAGS = {"avx512_bf16", "amx_bf16"}


def open_chosen(folder: str, backend: str, options: Options) -> Network:
    """Open an exported pose model by a backend or, for ``auto``, the fastest way.

    That is the first of :data:`WAYS` that is installed, whose model is in the folder,
    and that opens; with ``options.precision``, only ways of that precision count.

    Raises:
        UserError: the backend, or for ``auto`` every way, fails; says why it does.
    """
    check(backend, one_of((AUTO, *BACKENDS)), "backend")
    if backend != AUTO:
        return open_network(folder, backend, options)
    *others, last = fastest_first(folder, options)
    for backend, precision in others:
        try:
            return _opened(folder, backend, replace(options, precision=precision))
        except UserError as error:
            logger.warning(f"{error}: trying the next fastest")
    return _opened(folder, last[0], replace(options, precision=last[1]))


def _opened(folder: str, backend: str, options: Options) -> Network:
    network = open_network(folder, backend, options)
    logger.info(f"backend: {backend} in {options.precision} on the {options.device}")
    return network


def fastest_first(folder: str, options: Options) -> List[Way]:
    """Usable ways, fastest first; if there is none, the one whose error helps most."""
    asked = options.precision
    ways = [way for way in WAYS[options.device] if asked in (None, way[1])]
    usable = [way for way in ways if _is_there(folder, *way)]
    if asked is None:
        usable = [way for way in usable if way[1] != "bf16" or _bf16_fits(folder, way)]
    return usable or ways[-1:] or [("paddle", asked or "fp32")]


def _is_there(folder: str, backend: str, precision: str) -> bool:
    """Whether the backend is installed and the folder holds its model."""
    model = "model.pdiparams" if backend == "paddle" else ONNX
    path = os.path.join(folder, INT8[0] if precision == "int8" else model)
    return importlib.util.find_spec(backend) is not None and os.path.isfile(path)


def _bf16_fits(folder: str, way: Way) -> bool:
    """Whether the processor has bf16, and the export found that joints hardly move."""
    moved = read_moved(folder).get("bf16", {}).get(way[0], float("inf"))
    return moved <= MAX_MOVED_PX and has_bf16()


def has_bf16(cpuinfo: str = "/proc/cpuinfo") -> bool:
    """Whether the processor computes in bf16, as far as Linux's ``cpuinfo`` tells."""
    try:
        with open(cpuinfo, encoding="utf-8", errors="replace") as file:
            return bool(BF16_FLAGS & set(file.read().split()))
    except OSError:
        return False
