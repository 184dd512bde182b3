"""Lower precisions of an exported model: int8 by NNCF, and what each precision costs.

The cost is how far the joints move, and their PCK.

Letters: N people, K joints.
"""

import importlib.util
import logging
import os
import tempfile
from dataclasses import replace
from typing import Any, List, Optional, Sequence, Tuple

import numpy as np

from ..data.crop import PIXELS_PER_SCALE, boxes_of_crops
from ..data.images import read_image
from ..data.mpii_dataset import MPIIDataset
from ..data.people import People
from ..errors import UserError
from ..metrics.ground_truth import GroundTruth, is_withheld, truth_of
from ..metrics.pck import pck
from ..modeling.pixels import normalise
from .backends import Options, openvino_core
from .estimator import PoseEstimator
from .export_folder import INT8, ONNX, paddle_model, record_moved
from .model_spec import ModelSpec, read_spec
from .open_network import MAX_MOVED_PX, open_exported
from .person_crops import Crop, check_boxes, crops_in

logger = logging.getLogger(__name__)

#: People to compare precisions on: the two figures are of the same people, so that
#: their difference is far more certain than each.
COMPARED = 500

#: People who show how far bf16 moves the joints: a few do.
COMPARED_BF16 = 64

BATCH = 4


def people_of_config(
    cfg: Any, spec: ModelSpec
) -> Tuple[List[Crop], Optional[GroundTruth]]:
    """People of the config's EvalDataset; nobody if its files are not there."""
    dataset = cfg.get("EvalDataset")
    if not isinstance(dataset, MPIIDataset) or not (
        os.path.isfile(dataset.get_anno()) and os.path.isdir(dataset.image_folder)
    ):
        return [], None
    people = dataset.people
    if is_withheld(people):
        return [], None
    truth = truth_of(people, spec.keypoints)
    return evaluated_people(people, dataset.image_folder, truth, spec.input_size)


def evaluated_people(
    people: People, folder: str, truth: GroundTruth, size: Tuple[int, int]
) -> Tuple[List[Crop], GroundTruth]:
    """Crops of size (W, H) as evaluation cuts them, and their ground truth.

    Of more than ``COMPARED`` people, ``COMPARED`` evenly spaced ones are taken.
    """
    chosen = np.unique(np.linspace(0, len(people) - 1, COMPARED).astype(int))
    some = people.take(chosen)
    boxes = boxes_of_crops(some.centers, some.scales)
    images = (read_image(os.path.join(folder, n), people.path) for n in some.images)
    crops = list(crops_in(images, map(check_boxes, boxes[:, None]), size))
    joints, visible = truth.joints[chosen], truth.visible[chosen]
    sizes = truth.sizes[chosen]
    return crops, replace(truth, joints=joints, visible=visible, sizes=sizes)


def quantise(
    folder: str,
    calibration: List[Crop],
    crops: List[Crop],
    truth: Optional[GroundTruth],
    max_loss: float,
) -> None:
    """Add the int8 model to an exported folder with ``model.onnx``.

    Args:
        folder: the folder.
        calibration: crops from which the ranges of the activations are estimated.
        crops: people to compare the precisions on.
        truth: their ground truth, if there is any.
        max_loss: largest loss of PCKh Mean, points.

    Raises:
        UserError: int8 loses more than ``max_loss`` or, without ground truth, moves
            the joints by more than ``MAX_MOVED_PX`` on average; nothing is kept then.
    """
    spec = read_spec(folder)
    with tempfile.TemporaryDirectory(dir=folder) as trial:
        write_int8(os.path.join(folder, ONNX), trial, calibration, spec)
        plain = _estimator(folder, spec, "openvino", "fp32")
        small = _estimator(trial, spec, "openvino", "int8")
        _check_loss(plain, small, crops, truth, max_loss)
        for name in reversed(INT8):  # the file that marks the model comes last
            os.replace(os.path.join(trial, name), os.path.join(folder, name))
    logger.info(f"wrote {os.path.join(folder, INT8[0])}")


def write_int8(onnx: str, folder: str, crops: List[Crop], spec: ModelSpec) -> None:
    """Quantise an ONNX model on crops, and write the files ``INT8`` to a folder."""
    import nncf
    import openvino

    logging.getLogger("nncf").setLevel(logging.ERROR)
    inputs = nncf.Dataset(
        crops, lambda crop: normalise(crop.pixels[None], spec.mean, spec.std)
    )
    model = openvino_core().read_model(onnx)
    model = nncf.quantize(model, inputs, subset_size=len(crops))
    openvino.save_model(model, os.path.join(folder, INT8[0]), compress_to_fp16=False)


def _check_loss(
    plain: PoseEstimator,
    small: PoseEstimator,
    crops: List[Crop],
    truth: Optional[GroundTruth],
    max_loss: float,
) -> None:
    """Log the figures of both precisions; raise :class:`UserError` if int8 is worse."""
    joints, moved = (joints_in(model, crops) for model in (plain, small))
    count = len(crops)
    distance = distance_px(joints, moved, crops, plain.spec.input_size[0])
    logger.info(
        f"int8 moves the joints of {count} people by {distance:.2f} px on average"
    )
    if truth is None:
        if not distance <= MAX_MOVED_PX:
            raise UserError(
                f"int8 moves the joints by {distance:.2f} px, more than "
                f"{MAX_MOVED_PX}, and there is no EvalDataset to measure PCKh on: not "
                "kept"
            )
        return
    before, after = (pck(found, truth).mean for found in (joints, moved))
    figures = f"PCKh Mean {before:.2f} in fp32, {after:.2f} in int8"
    logger.info(f"{figures}, of {count} people of {truth.source}")
    if not before - after <= max_loss:
        loss = f"{before - after:.2f} points, more than {max_loss:g} ({figures})"
        raise UserError(f"int8 loses {loss}: not kept")


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
        moved[backend] = round(
            distance_px(plain, rounded, crops, spec.input_size[0]), 3
        )
        logger.info(f"bf16 moves the joints by {moved[backend]} px with {backend}")
    if moved:
        record_moved(folder, {"bf16": moved})


def _estimator(
    folder: str, spec: ModelSpec, backend: str, precision: str
) -> PoseEstimator:
    network = open_exported(folder, backend, Options(precision=precision))
    return PoseEstimator(network, spec, BATCH)


def joints_in(estimator: PoseEstimator, crops: Sequence[Crop]) -> np.ndarray:
    """Predict the joints (N, K, 2) of N crops, in 0-based image pixels."""
    size = estimator.batch_size
    batches = (crops[start : start + size] for start in range(0, len(crops), size))
    poses = [pose for batch in batches for pose in estimator.poses_in(batch)]
    return np.array([pose.keypoints for pose in poses])


def distance_px(
    joints: np.ndarray, moved: np.ndarray, crops: Sequence[Crop], width: int
) -> float:
    """Mean distance of joints (N, K, 2), image pixels, in pixels of crops so wide."""
    sides = np.array([crop.scale[0] for crop in crops]) * PIXELS_PER_SCALE
    distances = np.linalg.norm(joints - moved, axis=2)
    return float((distances * (width / sides)[:, None]).mean())
