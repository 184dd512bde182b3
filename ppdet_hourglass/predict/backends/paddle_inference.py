"""Paddle Inference: with oneDNN on CPUs; with TensorRT, if asked for, on GPUs."""

import numpy as np
import paddle
from paddle import inference

from ...errors import UserError
from ..export_folder import paddle_model, read_spec
from . import Network, Options

#: Memory that is reserved on a GPU at first, MB.
GPU_MEMORY = 256

#: People that TensorRT plans for: at least, usually, at most.
TENSORRT_BATCHES = (1, 8, 64)


def open_network(folder: str, options: Options) -> Network:
    """Open ``model.json`` or ``model.pdmodel``.

    Raises:
        UserError: no such file, one of another Paddle, or a GPU that is not there.
    """
    on_gpu = options.device == "gpu"
    options.refuse("paddle", ("fp32", "fp16") if on_gpu else ("fp32", "bf16"))
    program, parameters = paddle_model(folder)
    if program.endswith(".json") and not hasattr(inference.Config, "enable_new_ir"):
        raise UserError(
            f"{program} needs Paddle 3, but this is {paddle.__version__}: export with "
            "it, or use backend='onnxruntime'"
        )
    config = inference.Config(program, parameters)
    config.disable_glog_info()
    config.switch_ir_optim(True)
    if on_gpu:
        _on_gpu(config, options, folder)
    else:
        _on_cpu(config, options, program)
    predictor = inference.create_predictor(config)
    feed = predictor.get_input_handle(predictor.get_input_names()[0])
    heatmaps = predictor.get_output_names()[0]

    def network(inputs: np.ndarray) -> np.ndarray:
        feed.copy_from_cpu(inputs)
        predictor.run()
        return predictor.get_output_handle(heatmaps).copy_to_cpu()

    return network


def _on_cpu(config: inference.Config, options: Options, program: str) -> None:
    config.disable_gpu()
    config.set_cpu_math_library_num_threads(options.cpu_threads)
    config.enable_mkldnn()
    config.set_mkldnn_cache_capacity(10)
    if options.precision == "bf16":
        if program.endswith(".pdmodel"):
            raise UserError(f"{program}: bf16 needs a model.json, exported by Paddle 3")
        config.enable_mkldnn_bfloat16()


def check_gpu() -> None:
    """Raise :class:`UserError` where Paddle has no GPU."""
    if not paddle.is_compiled_with_cuda() or not paddle.device.cuda.device_count():
        raise UserError("device='gpu': this Paddle finds no GPU")


def _on_gpu(config: inference.Config, options: Options, folder: str) -> None:
    check_gpu()
    kinds = inference.PrecisionType
    precision = kinds.Half if options.precision == "fp16" else kinds.Float32
    config.enable_use_gpu(GPU_MEMORY, 0, precision)
    if options.tensorrt:
        width, height = read_spec(folder).input_size
        shapes = [{"image": [n, 3, height, width]} for n in TENSORRT_BATCHES]
        least, usual, most = shapes
        config.enable_tensorrt_engine(precision_mode=precision, use_calib_mode=False)
        config.set_trt_dynamic_shape_info(least, most, usual)
