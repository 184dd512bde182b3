"""ONNX Runtime."""

import numpy as np
import onnxruntime

from ...errors import UserError
from ..export_folder import onnx_model
from . import Network, Options

CUDA = "CUDAExecutionProvider"

#: ONNX Runtime's log level; below it stand remarks on the graph.
ERRORS_ONLY = 3


def provider(on_gpu: bool) -> str:
    """ONNX Runtime's name of the device.

    Raises:
        UserError: a GPU that this ONNX Runtime cannot use.
    """
    if on_gpu and CUDA not in onnxruntime.get_available_providers():
        raise UserError(
            "device='gpu' needs onnxruntime-gpu in place of onnxruntime: "
            f"this one has no {CUDA}"
        )
    return CUDA if on_gpu else "CPUExecutionProvider"


def open_network(folder: str, options: Options) -> Network:
    """Open ``model.onnx``.

    Raises:
        UserError: no such file, or a GPU that is not there.
    """
    options.refuse("onnxruntime", ("fp32",))
    providers = [provider(options.device == "gpu")]
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = ERRORS_ONLY
    settings.intra_op_num_threads = options.cpu_threads
    path = onnx_model(folder)
    session = onnxruntime.InferenceSession(path, settings, providers=providers)
    (feed,) = session.get_inputs()
    heatmaps = session.get_outputs()[0].name

    def network(inputs: np.ndarray) -> np.ndarray:
        return session.run([heatmaps], {feed.name: inputs})[0]

    return network
