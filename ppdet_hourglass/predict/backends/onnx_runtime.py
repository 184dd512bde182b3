"""ONNX Runtime."""

import onnxruntime

from ...errors import UserError
from ..export_folder import onnx_model
from . import Options, Session

CUDA = "CUDAExecutionProvider"

#: ONNX Runtime's log level for errors, without remarks on the graph.
ERRORS_ONLY = 3


def open_session(path: str, options: Options) -> Session:
    """Open an ONNX model; raise :class:`UserError` without the file or a GPU for it."""
    options.refuse("onnxruntime", ["fp32"], tensorrt=False)
    on_gpu = options.device == "gpu"
    if on_gpu and CUDA not in onnxruntime.get_available_providers():
        raise UserError(
            "device='gpu' needs onnxruntime-gpu in place of onnxruntime: "
            f"this one has no {CUDA}"
        )
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = ERRORS_ONLY
    settings.intra_op_num_threads = options.cpu_threads
    session = onnxruntime.InferenceSession(
        onnx_model(path),
        settings,
        providers=[CUDA if on_gpu else "CPUExecutionProvider"],
    )
    names = [feed.name for feed in session.get_inputs()]
    return Session(names, lambda arrays: session.run(None, arrays))
