"""What a lower precision costs: how far it moves the joints, and their PCK.

Letters: N people, K joints.
"""

import time
from dataclasses import replace
from typing import List, Sequence, Tuple

import numpy as np

from ..data.annotations import Annotations
from ..data.crop import PADDING, PIXELS_PER_SCALE, person_crops
from ..data.images import read_image
from ..metrics.ground_truth import GroundTruth
from .backends import Network
from .crops import Crop, cut
from .estimator import PoseEstimator


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
