"""Where the pictures of a training come from: its batches and its evaluations."""

from typing import Any, Mapping, Tuple

import numpy as np

from ..data.any_dataset import image_folder
from ..data.crop import STRIDE
from ..errors import UserError

#: People in the picture of a batch, and in that of the worst.
BATCH_PEOPLE, WORST_PEOPLE = 8, 12


def first_people(
    network: Any, batch: Mapping[str, Any]
) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first N people of a training batch, from the network's device.

    Args:
        network: a ``TopDownHourglass``.
        batch: its input, with heatmaps or, from ``TopDownCrop``, joints.

    Returns:
        Crops (N, H, W, 3) uint8 BGR, targets (N, K, H/4, W/4) and weights (N, K).
    """
    image = batch["image"][:BATCH_PEOPLE]
    if "joints" in batch:
        pixels = image.numpy()
        size = (pixels.shape[2] // STRIDE, pixels.shape[1] // STRIDE)
        joints = batch["joints"][:BATCH_PEOPLE]
        targets, weights = network.codec.encode(joints, (STRIDE, STRIDE), size)
    else:
        pixels = network.pixels.restore(image)
        targets, weights = batch["target"], batch["target_weight"]
        targets, weights = targets[:BATCH_PEOPLE], weights[:BATCH_PEOPLE]
    weights = weights.numpy().reshape(weights.shape[:2])
    return pixels[..., ::-1].copy(), targets.numpy(), weights


def write_worst(metric: Any, path: str) -> None:
    """Draw the worst people of an evaluation.

    Args:
        metric: a ``PCK`` that has accumulated.
        path: picture to write.

    Raises:
        UserError: it is another metric, or pictures or ground truth are missing.
    """
    from ..drawing import draw_results

    written = getattr(metric, "written", None)
    if written is None:
        raise UserError(f"metric {type(metric).__name__} keeps no person's joints")
    annotations = metric.annotations.path
    people = (image_folder(metric.dataset), metric.keypoints, WORST_PEOPLE)
    draw_results(written, path, annotations, *people, worst=True)
