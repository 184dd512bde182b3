"""Runtimes for exported models.

To add one, write a function like :func:`_open_onnxruntime` and list it in ``BACKENDS``.

Letters: N people, K joints, H x W pixels of a crop, h x w of a heatmap.
"""

import functools
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np

from ..compat.processor import usable_cores
from ..errors import UserError, one_line
from ..fields import check, one_of
from .export_folder import int8_model, onnx_model, paddle_model

#: (N, 3, H, W) float32 standardised RGB -> (N, K, h, w) float32.
Network = Callable[[np.ndarray], np.ndarray]

DEVICES = ("cpu", "gpu")
PRECISIONS = ("fp32", "fp16", "bf16", "int8")

#: GPU memory that Paddle reserves at first.
GPU_MEMORY_MB = 256

#: Number of cached oneDNN plans; each shape of the inputs needs one.
ONEDNN_PLANS = 10

CUDA = "CUDAExecutionProvider"

#: ONNX Runtime's log level that shows errors only, no remarks on the graph.
ERRORS_ONLY = 3

#: OpenVINO's names of the precisions; its default depends on the processor.  In an int8
#: model it is that of the layers that are not quantised.
OPENVINO_PRECISIONS = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}


@dataclass(frozen=True)
class Session:
    """A model opened by a runtime.

    Attributes:
        input_names: names of the model's inputs.
        run: maps arrays by these names to the model's outputs, in its order.
    """

    input_names: Sequence[str]
    run: Callable[[Dict[str, np.ndarray]], List[np.ndarray]]


@dataclass(frozen=True)
class Options:
    """How to run a model; a backend refuses an option that it does not support.

    Attributes:
        device: ``cpu`` or ``gpu``.
        threads: CPU threads; None for one per core that this process may use.
        precision: ``fp32``; ``bf16`` on CPUs (paddle, openvino); ``fp16`` on GPUs
            (paddle); ``int8`` (openvino), for a model that ``export --int8`` wrote.
            None for the choice of the backend ``auto``, otherwise ``fp32``.
        onednn: let Paddle use oneDNN on the CPU.
    """

    device: str = "cpu"
    threads: Optional[int] = None
    precision: Optional[str] = None
    onednn: bool = True

    def __post_init__(self) -> None:
        check(self.device, one_of(DEVICES), "device")
        if self.precision is not None:
            check(self.precision, one_of(PRECISIONS), "precision")
        if self.threads is not None and self.threads < 1:
            raise UserError(f"threads must be at least 1, but got {self.threads}")

    @property
    def cpu_threads(self) -> int:
        """Number of CPU threads."""
        return self.threads or usable_cores()

    def check_precision(self, backend: str, *known: str) -> None:
        """Raise :class:`UserError` for a precision that a backend does not have."""
        if self.precision not in known:
            where = f"backend {backend!r} on the {self.device}"
            names = " or ".join(known)
            raise UserError(f"{where} computes in {names}, not {self.precision}")


def open_session(path: str, backend: str, options: Options) -> Session:
    """Open a model with any inputs and outputs by one of ``BACKENDS``.

    ``path`` is the model's folder, or an ``.onnx`` file (onnxruntime, openvino).  A
    missing model, package or feature is a :class:`UserError`.
    """
    check(backend, one_of(tuple(BACKENDS)), "backend")
    opened, package = BACKENDS[backend]
    try:
        return opened(path, replace(options, precision=options.precision or "fp32"))
    except ModuleNotFoundError as error:
        raise UserError(
            f"backend {backend!r} needs {error.name}, which is not installed: "
            f"pip install {package}"
        ) from None
    except UserError:
        raise
    except Exception as error:
        problem = one_line(error)
        raise UserError(f"backend {backend!r} cannot open {path}: {problem}") from error


def network_of(session: Session) -> Network:
    """The network of a pose model, whose first output holds the heatmaps."""
    return lambda crops: session.run({session.input_names[0]: crops})[0]


def _open_paddle(path: str, options: Options) -> Session:
    """Open a folder's Paddle model; on CPUs, with oneDNN."""
    import paddle
    from paddle import inference

    on_gpu = options.device == "gpu"
    precisions = ["fp32", "fp16"] if on_gpu else ["fp32", "bf16"]
    options.check_precision("paddle", *precisions)
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
        if not paddle.is_compiled_with_cuda() or not paddle.device.cuda.device_count():
            raise UserError("device='gpu': this Paddle finds no GPU")
        kind = "Half" if options.precision == "fp16" else "Float32"
        config.enable_use_gpu(GPU_MEMORY_MB, 0, getattr(inference.PrecisionType, kind))
    else:
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
    predictor = inference.create_predictor(config)

    def run(arrays: Dict[str, np.ndarray]) -> List[np.ndarray]:
        for name, array in arrays.items():
            predictor.get_input_handle(name).copy_from_cpu(array)
        predictor.run()
        outputs = predictor.get_output_names()
        return [predictor.get_output_handle(name).copy_to_cpu() for name in outputs]

    return Session(predictor.get_input_names(), run)


def _open_onnxruntime(path: str, options: Options) -> Session:
    import onnxruntime

    options.check_precision("onnxruntime", "fp32")
    on_gpu = options.device == "gpu"
    if on_gpu and CUDA not in onnxruntime.get_available_providers():
        raise UserError(f"device='gpu' needs onnxruntime-gpu: here is no {CUDA}")
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


def _open_openvino(path: str, options: Options) -> Session:
    """Open an ONNX model or, for int8, OpenVINO's own."""
    core = openvino_core()
    options.check_precision("openvino", *OPENVINO_PRECISIONS)
    device = options.device.upper()
    if device not in {name.split(".")[0] for name in core.available_devices}:
        raise UserError(f"device={options.device!r}: OpenVINO finds no {device}")
    settings = {"INFERENCE_PRECISION_HINT": OPENVINO_PRECISIONS[options.precision]}
    if device == "CPU":
        settings["INFERENCE_NUM_THREADS"] = options.cpu_threads
    find = int8_model if options.precision == "int8" else onnx_model
    model = core.compile_model(find(path), device, settings)
    names = [feed.get_any_name() for feed in model.inputs]
    return Session(names, lambda arrays: list(model(arrays).values()))


@functools.cache
def openvino_core() -> Any:
    """The process's only ``openvino.Core``.

    On a processor with AMX, each core replaces the stack on which signals are handled
    and restores the previous one when it ends.  If an older core has ended before, that
    stack is gone, and the next signal, such as Ctrl-C, crashes the process.
    """
    import openvino

    return openvino.Core()


#: Backend -> the function that opens a model, and the PyPI package that it needs.
BACKENDS: Dict[str, Tuple[Callable[[str, Options], Session], str]] = {
    "paddle": (_open_paddle, "paddlepaddle"),
    "onnxruntime": (_open_onnxruntime, "onnxruntime"),
    "openvino": (_open_openvino, "openvino"),
}
