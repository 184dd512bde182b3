"""What a lower precision costs: how far it moves the joints, and their PCK.

Letters: N people, K joints.
"""

import os
import time
from dataclasses import dataclass, replace
from typing import Any, List, Optional, Sequence, Tuple

import numpy as np

from ..data.annotations import Annotations
from ..data.crop import PADDING, PIXELS_PER_SCALE, person_crops
from ..data.images import read_image
from ..data.mpii_dataset import MPIIDataset
from ..metrics.ground_truth import GroundTruth, is_withheld, truth_of
from .backends import Network
from .crops import Crop, cut
from .estimator import PoseEstimator
from .model_spec import ModelSpec

#: People to compare precisions on: the two figures are of the same people, so that
#: their difference is far more certain than each.
COMPARED = 500


@dataclass(frozen=True)
class Compared:
    """Crops to compare precisions on, with their ground truth if there is any."""

    crops: List[Crop]
    truth: Optional[GroundTruth] = None


def people_of_config(cfg: Any, spec: ModelSpec) -> Optional[Compared]:
    """People of the config's EvalDataset; None if its files are not there."""
    dataset = cfg.get("EvalDataset")
    if not isinstance(dataset, MPIIDataset) or not (
        os.path.isfile(dataset.get_anno()) and os.path.isdir(dataset.image_folder)
    ):
        return None
    people = dataset.annotations
    if is_withheld(people):
        return None
    truth = truth_of(people, spec.keypoints)
    folder, size = dataset.image_folder, spec.input_size
    return Compared(*evaluated_people(people, folder, truth, size, COMPARED))


def evaluated_people(
    people: Annotations,
    folder: str,
    truth: GroundTruth,
    size: Tuple[int, int],
    most: int,
) -> Tuple[List[Crop], GroundTruth]:
    """Cut out annotated people as evaluation does.

    Args:
        people: N people in MPII's layout.
        folder: folder of their images.
        truth: ground truth of the same people.
        size: (W, H) of the crops.
        most: of more people, this many are taken at equal distances.

    Raises:
        UserError: an image is missing or cannot be read.
    """
    centers, scales = person_crops(people.centers, people.scales)
    chosen = np.unique(np.linspace(0, len(people) - 1, most).astype(int))
    crops = []
    for person in chosen:
        image = read_image(f"{folder}/{people.images[person]}", people.path)
        center, scale = centers[person], scales[person]
        side = scale * PIXELS_PER_SCALE / PADDING
        box = np.float32([*(center - side / 2), *side])
        pixels = cut(image, center, scale, size)
        crops.append(Crop(len(crops), pixels, center, scale, box, 1.0))
    joints, visible = truth.joints[chosen], truth.visible[chosen]
    sizes = truth.sizes[chosen]
    return crops, replace(truth, joints=joints, visible=visible, sizes=sizes)


def joints_in(estimator: PoseEstimator, crops: Sequence[Crop]) -> np.ndarray:
    """Predict the joints (N, K, 2) of N crops, in 0-based image pixels."""
    size = estimator.batch_size
    batches = (crops[start : start + size] for start in range(0, len(crops), size))
    poses = [pose for batch in batches for pose in estimator.poses_in(batch)]
    return np.array([pose.keypoints for pose in poses])


def moved_px(
    joints: np.ndarray, others: np.ndarray, crops: Sequence[Crop], width: int
) -> float:
    """Mean distance of joints (N, K, 2), image pixels, in pixels of crops so wide."""
    sides = np.array([crop.scale[0] for crop in crops]) * PIXELS_PER_SCALE
    distances = np.linalg.norm(joints - others, axis=2)
    return float((distances * (width / sides)[:, None]).mean())


def seconds_in_turn(
    networks: Sequence[Network], inputs: np.ndarray, rounds: int = 7
) -> List[float]:
    """Median seconds of each network's run, measured in turn after one to warm up."""

    def seconds(network: Network) -> float:
        start = time.perf_counter()
        network(inputs)
        return time.perf_counter() - start

    runs = [[seconds(network) for network in networks] for _ in range(rounds + 1)]
    return np.median(runs[1:], axis=0).tolist()
