"""Running an exported detector: Paddle Inference, or ONNX Runtime.

A network takes arrays by name and returns its outputs in order; ``names`` are those
that it takes.
"""

import os
from dataclasses import dataclass
from typing import Callable, Dict, List, Sequence

import numpy as np

from ..errors import UserError
from .export_folder import paddle_model

#: Memory that is reserved on a GPU at first, MB.
GPU_MEMORY = 256


@dataclass(frozen=True)
class DetectorNetwork:
    """A detector's network.

    Attributes:
        names: of its inputs.
        run: arrays by these names -> outputs.
    """

    names: Sequence[str]
    run: Callable[[Dict[str, np.ndarray]], List[np.ndarray]]


def open_detector(path: str, on_gpu: bool) -> DetectorNetwork:
    """The network of a folder, or of an ``.onnx`` file.

    Args:
        path: folder of an exported model, or the file that was made of one.
        on_gpu: where to run it.

    Raises:
        UserError: there is no model, it cannot be opened, or ONNX Runtime is missing.
    """
    try:
        if path.endswith(".onnx"):
            return _with_onnx_runtime(path, on_gpu)
        return _with_paddle(path, on_gpu)
    except (UserError, ModuleNotFoundError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())
        raise UserError(f"detector {path} cannot be opened: {reason}") from error


def _with_onnx_runtime(path: str, on_gpu: bool) -> DetectorNetwork:
    if not os.path.isfile(path):
        raise UserError(f"detector {path} does not exist")
    try:
        import onnxruntime
    except ModuleNotFoundError:
        raise UserError(
            f"detector {path} needs onnxruntime, which is not installed: "
            "pip install 'ppdet_hourglass[onnx]'"
        ) from None
    from .backends.onnx_runtime import provider

    session = onnxruntime.InferenceSession(path, providers=[provider(on_gpu)])
    names = [feed.name for feed in session.get_inputs()]
    return DetectorNetwork(names, lambda inputs: session.run(None, inputs))


def _with_paddle(folder: str, on_gpu: bool) -> DetectorNetwork:
    program, parameters = paddle_model(folder)
    from paddle import inference

    from .backends.paddle_inference import check_gpu

    config = inference.Config(program, parameters)
    config.disable_glog_info()
    if on_gpu:
        check_gpu()
        config.enable_use_gpu(GPU_MEMORY, 0)
    else:
        config.disable_gpu()
        config.set_cpu_math_library_num_threads(os.cpu_count() or 1)
    if hasattr(config, "disable_mkldnn"):
        config.disable_mkldnn()  # it fails on the up-sampling of common detectors
    predictor = inference.create_predictor(config)

    def run(inputs: Dict[str, np.ndarray]) -> List[np.ndarray]:
        for name, array in inputs.items():
            predictor.get_input_handle(name).copy_from_cpu(array)
        predictor.run()
        outputs = predictor.get_output_names()
        return [predictor.get_output_handle(name).copy_to_cpu() for name in outputs]

    return DetectorNetwork(predictor.get_input_names(), run)
