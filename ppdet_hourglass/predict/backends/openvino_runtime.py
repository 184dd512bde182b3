"""OpenVINO, which reads ONNX models, and its own for int8."""

import functools

import openvino

from ...errors import UserError
from ..export_folder import int8_model, onnx_model
from . import Options, Session

#: OpenVINO's names of the precisions; its default depends on the processor.  In an int8
#: model it is that of the layers that are not quantised.
HINTS = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}


def open_session(path: str, options: Options) -> Session:
    """Open a model; raise :class:`UserError` without the file or the device."""
    options.refuse("openvino", list(HINTS), tensorrt=False)
    core = the_core()
    device = options.device.upper()
    if device not in {name.split(".")[0] for name in core.available_devices}:
        raise UserError(f"device={options.device!r}: OpenVINO finds no {device}")
    settings = {"INFERENCE_PRECISION_HINT": HINTS[options.precision]}
    if device == "CPU":
        settings["INFERENCE_NUM_THREADS"] = options.cpu_threads
    find = int8_model if options.precision == "int8" else onnx_model
    model = core.compile_model(find(path), device, settings)
    names = [feed.get_any_name() for feed in model.inputs]
    return Session(names, lambda arrays: list(model(arrays).values()))


@functools.cache
def the_core() -> openvino.Core:
    """The process's only core.

    Where a processor has AMX, each core replaces the stack on which signals are handled
    and puts the former one back when it ends.  If an older core has ended before, that
    stack is gone, and the next signal, such as Ctrl-C, crashes the process.
    """
    return openvino.Core()
