"""Quantising an exported model to int8, by NNCF, and measuring lower precisions."""

import importlib.util
import logging
import os
import tempfile
from typing import List, Optional

from ..errors import UserError
from ..metrics.pck import pck
from ..modeling.pixels import normalise
from .backends import Options, open_network
from .backends.choice import MAX_MOVED_PX
from .crops import Crop
from .estimator import PoseEstimator
from .export_folder import INT8, ONNX, paddle_model, read_spec, record_moved
from .lower_precision import Compared, joints_in, moved_px, seconds_in_turn
from .model_spec import ModelSpec

logger = logging.getLogger(__name__)

#: People who show how far bf16 moves the joints: a few do.
COMPARED_BF16 = 64

BATCH = 4


def quantise(
    folder: str, calibration: List[Crop], people: Optional[Compared], max_loss: float
) -> None:
    """Add the int8 model to an exported folder with ``model.onnx``.

    Args:
        folder: the folder.
        calibration: crops from which the ranges of the activations are estimated.
        people: crops with ground truth; without, the calibration crops are compared.
        max_loss: largest loss of PCKh Mean, points.

    Raises:
        UserError: int8 loses more than ``max_loss`` or, without ground truth, moves
            the joints by more than ``MAX_MOVED_PX`` on average; nothing is kept then.
    """
    people = people or Compared(calibration)
    spec = read_spec(folder)
    with tempfile.TemporaryDirectory(dir=folder) as trial:
        write_int8(os.path.join(folder, ONNX), trial, calibration, spec)
        plain = _estimator(folder, spec, "openvino", "fp32")
        small = _estimator(trial, spec, "openvino", "int8")
        inputs = normalise(people.crops[0].pixels[None], spec.mean, spec.std)
        times = seconds_in_turn([plain.network, small.network], inputs)
        logger.info("one crop: {:.1f} ms in fp32, {:.1f} in int8".format(*_ms(times)))
        _check_loss(plain, small, people, max_loss)
        for name in reversed(INT8):  # the file that marks the model comes last
            os.replace(os.path.join(trial, name), os.path.join(folder, name))
    logger.info(f"wrote {os.path.join(folder, INT8[0])}")


def _ms(seconds: List[float]) -> List[float]:
    return [1000 * value for value in seconds]


def write_int8(onnx: str, folder: str, crops: List[Crop], spec: ModelSpec) -> None:
    """Quantise an ONNX model, and write it to a folder as OpenVINO's own.

    Args:
        onnx: the model.
        folder: where to write the files ``INT8``.
        crops: NNCF estimates the ranges of the activations from these.
        spec: how the model's input is made from crops.
    """
    import nncf
    import openvino

    from .backends.openvino_runtime import the_core

    logging.getLogger("nncf").setLevel(logging.ERROR)
    inputs = nncf.Dataset(
        crops, lambda crop: normalise(crop.pixels[None], spec.mean, spec.std)
    )
    model = the_core().read_model(onnx)
    model = nncf.quantize(model, inputs, subset_size=len(crops))
    openvino.save_model(model, os.path.join(folder, INT8[0]), compress_to_fp16=False)


def _check_loss(
    plain: PoseEstimator, small: PoseEstimator, people: Compared, max_loss: float
) -> None:
    """Log the figures of both precisions; raise :class:`UserError` if int8 is worse."""
    joints, others = (joints_in(model, people.crops) for model in (plain, small))
    count = len(people.crops)
    moved = moved_px(joints, others, people.crops, plain.spec.input_size[0])
    logger.info(f"int8 moves the joints of {count} people by {moved:.2f} px on average")
    if people.truth is None:
        if not moved <= MAX_MOVED_PX:
            raise UserError(
                f"int8 moves the joints by {moved:.2f} px, more than {MAX_MOVED_PX}, "
                "and there is no EvalDataset to measure PCKh on: not kept"
            )
        return
    before, after = (pck(found, people.truth).mean for found in (joints, others))
    figures = f"PCKh Mean {before:.2f} in fp32, {after:.2f} in int8"
    logger.info(f"{figures}, of {count} people of {people.truth.source}")
    if not before - after <= max_loss:
        raise UserError(
            f"int8 loses {before - after:.2f} points ({figures}), more than --max_loss "
            f"{max_loss:g}: not kept"
        )


def measure_bf16(folder: str, crops: List[Crop]) -> None:
    """Measure how far bf16 moves the joints, and record it for the backend ``auto``.

    The processor must have bf16: others compute in fp32 instead.  Paddle 2's exports
    (``model.pdmodel``) have no bf16.
    """
    spec, crops = read_spec(folder), crops[:COMPARED_BF16]
    program, _ = paddle_model(folder)
    backends = ["paddle"] if program.endswith(".json") else []
    has_onnx = os.path.isfile(os.path.join(folder, ONNX))
    if has_onnx and importlib.util.find_spec("openvino"):
        backends.append("openvino")
    moved = {}
    for backend in backends:
        plain, rounded = (
            joints_in(_estimator(folder, spec, backend, precision), crops)
            for precision in ("fp32", "bf16")
        )
        moved[backend] = round(moved_px(plain, rounded, crops, spec.input_size[0]), 3)
        logger.info(f"bf16 moves the joints by {moved[backend]} px with {backend}")
    if moved:
        record_moved(folder, {"bf16": moved})


def _estimator(
    folder: str, spec: ModelSpec, backend: str, precision: str
) -> PoseEstimator:
    network = open_network(folder, backend, Options(precision=precision))
    return PoseEstimator(network, spec, BATCH)
