"""OpenVINO, which reads ONNX models."""

import numpy as np
import openvino

from ...errors import UserError
from ..export_folder import onnx_model
from . import Network, Options

#: OpenVINO's names of the precisions; its own choice depends on the processor.
PRECISIONS = {"fp32": "f32", "bf16": "bf16"}


def open_network(folder: str, options: Options) -> Network:
    """Open ``model.onnx``.

    Raises:
        UserError: no such file, or a GPU that is not there.
    """
    options.refuse("openvino", tuple(PRECISIONS))
    core = openvino.Core()
    device = options.device.upper()
    if device not in {name.split(".")[0] for name in core.available_devices}:
        raise UserError(f"device={options.device!r}: OpenVINO finds no {device}")
    settings = {"INFERENCE_PRECISION_HINT": PRECISIONS[options.precision]}
    if device == "CPU":
        settings["INFERENCE_NUM_THREADS"] = options.cpu_threads
    model = core.compile_model(onnx_model(folder), device, settings)
    heatmaps = model.output(0)

    def network(inputs: np.ndarray) -> np.ndarray:
        return model({0: inputs})[heatmaps]

    return network
