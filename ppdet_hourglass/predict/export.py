"""What the export command adds to an exported folder.

The weights alone, the ONNX model (by paddle2onnx), and lower precisions.
"""

import importlib.util
import logging
import os
import tempfile
from itertools import chain, islice
from typing import Any, List, Optional

import numpy as np

from ..compat.processor import has_bf16
from ..compat.weights import to_safetensors
from ..errors import UserError
from ..files import check_writable, write_whole
from .backends import Options
from .boxes import BoxesFile
from .export_folder import DESCRIPTION, JOINTS, ONNX, WEIGHTS, paddle_model
from .model_spec import ModelSpec, read_spec
from .open_network import open_exported
from .person_crops import Crop, crops_in
from .precision import measure_bf16, people_of_config, quantise
from .sources import open_source

logger = logging.getLogger(__name__)

OPSET = 17

#: Largest difference of a heatmap value from Paddle's.  It is relative to the highest
#: value if that exceeds 1, which a trained network's heatmaps do not.
TOLERANCE = 1e-4

#: NNCF's own number of inputs to calibrate with.
CALIBRATED = 300


def write_weights(model: Any, folder: str) -> None:
    """Write ``model.safetensors``, whose header holds the folder's descriptions."""
    facts = {"format": "paddle"}
    for name in (DESCRIPTION, JOINTS):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            facts[name] = file.read()
    path = os.path.join(folder, WEIGHTS)
    write_whole(path, to_safetensors(model.state_dict(), facts))
    logger.info(f"wrote {path}")


def write_lower_precisions(
    cfg: Any, folder: str, images: Optional[str], boxes: Optional[str], max_loss: float
) -> None:
    """Quantise an exported folder, and measure bf16 where the processor has it.

    Args:
        cfg: the exported config, on whose ``EvalDataset`` both are measured.
        folder: the exported folder.
        images: folder of images, which int8 is calibrated with; None for no int8.
        boxes: boxes file of these images; without it, each is one person.
        max_loss: largest loss of PCKh Mean by int8, points.
    """
    spec = read_spec(folder)
    crops, truth = people_of_config(cfg, spec)
    if images:
        calibration = people_in_folder(images, boxes, spec)
        crops = crops or calibration
        write_onnx(folder)
    if crops and has_bf16():
        measure_bf16(folder, crops)
    if images:
        quantise(folder, calibration, crops, truth, max_loss)


def people_in_folder(folder: str, boxes: Optional[str], spec: ModelSpec) -> List[Crop]:
    """Crops of images to calibrate with: as infer cuts them, at most ``CALIBRATED``."""
    source = open_source(folder)
    file = BoxesFile(boxes, source, 0.0, spec.keypoints) if boxes else None
    each = (crops_in([f.image], [file and file(f)], spec.input_size) for f in source)
    crops = list(islice(chain.from_iterable(each), CALIBRATED))
    if not crops:
        raise UserError(f"no image in {folder} has a person to calibrate with")
    return crops


def write_onnx(folder: str) -> None:
    """Convert the Paddle model of an exported folder to ``model.onnx`` beside it.

    Raises:
        UserError: paddle2onnx cannot convert it, or the heatmaps differ from Paddle's.
    """
    import paddle

    check_writable(folder)
    spec, (program, parameters) = read_spec(folder), paddle_model(folder)
    if paddle.__version__.startswith("2."):
        needed = f"Paddle 3, which also converts {program}"
        raise UserError(f"paddle2onnx needs {needed}; here is {paddle.__version__}")
    import paddle2onnx

    try:
        model = paddle2onnx.export(program, parameters, opset_version=OPSET)
    except UnboundLocalError:
        raise UserError(f"paddle2onnx cannot convert {program}; see above") from None
    if importlib.util.find_spec("onnxruntime") is None:
        logger.warning("onnxruntime is not installed: the ONNX model was not run")
    else:
        difference = _difference(folder, model, spec)
        if not difference <= TOLERANCE:
            limit = f"{difference:.1e}, more than {TOLERANCE:.0e}"
            raise UserError(f"not written: heatmaps differ from {program}'s by {limit}")
        logger.info(f"heatmaps equal Paddle's to {difference:.1e}")
    path = os.path.join(folder, ONNX)
    write_whole(path, model)
    logger.info(f"wrote {path}")


def _difference(folder: str, model: bytes, spec: ModelSpec) -> float:
    """Difference of an ONNX model's heatmaps from Paddle's, on three crops of noise."""
    width, height = spec.input_size
    noise = np.random.default_rng(0).normal(size=(3, 3, height, width))
    inputs = noise.astype(np.float32)
    expected = open_exported(folder, "paddle", Options())(inputs)
    with tempfile.TemporaryDirectory() as trial:
        write_whole(os.path.join(trial, ONNX), model)
        actual = open_exported(trial, "onnxruntime", Options())(inputs)
    return float(np.abs(actual - expected).max() / max(1.0, np.abs(expected).max()))
