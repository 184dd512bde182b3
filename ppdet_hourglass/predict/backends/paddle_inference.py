"""Paddle Inference, with oneDNN on CPUs and, as an option, TensorRT on GPUs."""

from typing import Dict, List

import numpy as np
import paddle
from paddle import inference

from ...errors import UserError
from ..export_folder import paddle_model, read_spec
from . import Options, Session

#: GPU memory that is reserved at first.
GPU_MEMORY_MB = 256

#: Minimal, typical and maximal batch that TensorRT plans for.
TENSORRT_BATCHES = (1, 8, 64)

#: Number of cached oneDNN plans; each shape of the inputs needs one.
ONEDNN_PLANS = 10


def open_session(path: str, options: Options) -> Session:
    """Open ``model.json`` or ``model.pdmodel`` in a folder.

    Raises:
        UserError: the file is missing or of another Paddle, or there is no GPU.
    """
    on_gpu = options.device == "gpu"
    precisions = ["fp32", "fp16"] if on_gpu else ["fp32", "bf16"]
    options.refuse("paddle", precisions, tensorrt=True)
    program, parameters = paddle_model(path)
    if program.endswith(".json") and not hasattr(inference.Config, "enable_new_ir"):
        raise UserError(
            f"{program} needs Paddle 3, but this is {paddle.__version__}: export with "
            "it, or use backend='onnxruntime'"
        )
    config = inference.Config(program, parameters)
    config.disable_glog_info()
    config.switch_ir_optim(True)
    if on_gpu:
        _use_gpu(config, options, path)
    else:
        _use_cpu(config, options, program)
    predictor = inference.create_predictor(config)

    def run(arrays: Dict[str, np.ndarray]) -> List[np.ndarray]:
        for name, array in arrays.items():
            predictor.get_input_handle(name).copy_from_cpu(array)
        predictor.run()
        outputs = predictor.get_output_names()
        return [predictor.get_output_handle(name).copy_to_cpu() for name in outputs]

    return Session(predictor.get_input_names(), run)


def _use_cpu(config: inference.Config, options: Options, program: str) -> None:
    config.disable_gpu()
    config.set_cpu_math_library_num_threads(options.cpu_threads)
    if options.onednn:
        config.enable_mkldnn()
        config.set_mkldnn_cache_capacity(ONEDNN_PLANS)
    elif hasattr(config, "disable_mkldnn"):  # Paddle 3 uses it unless told
        config.disable_mkldnn()
    if options.precision == "bf16":
        if program.endswith(".pdmodel"):
            raise UserError(f"{program}: bf16 needs a model.json, exported by Paddle 3")
        config.enable_mkldnn_bfloat16()


def _use_gpu(config: inference.Config, options: Options, folder: str) -> None:
    if not paddle.is_compiled_with_cuda() or not paddle.device.cuda.device_count():
        raise UserError("device='gpu': this Paddle finds no GPU")
    kinds = inference.PrecisionType
    precision = kinds.Half if options.precision == "fp16" else kinds.Float32
    config.enable_use_gpu(GPU_MEMORY_MB, 0, precision)
    if options.tensorrt:
        width, height = read_spec(folder).input_size
        shapes = [{"image": [n, 3, height, width]} for n in TENSORRT_BATCHES]
        smallest, typical, largest = shapes
        config.enable_tensorrt_engine(precision_mode=precision, use_calib_mode=False)
        config.set_trt_dynamic_shape_info(smallest, largest, typical)
