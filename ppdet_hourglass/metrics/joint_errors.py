"""Why joints are wrong: a class of error for every annotated joint.

The classes follow Ronchi and Perona, "Benchmarking and Error Diagnosis in
Multi-Instance Pose Estimation", ICCV 2017, measured in the lengths of PCK.

Letters: N people, M other people, K joints, P pairs of people in one image.
"""

from dataclasses import dataclass
from typing import Dict, Optional, Sequence, Tuple

import numpy as np

from .ground_truth import THRESHOLDS, GroundTruth
from .pck import normalised_errors

#: Classes in order of precedence, and what each says about a joint.
CLASSES: Dict[str, str] = {
    "good": "within the strict threshold",
    "jitter": "found, but not within the strict threshold",
    "inversion": "on the person's mirrored joint",
    "swap": "on a joint of another person",
    "miss": "on no annotated joint",
}
GOOD, JITTER, INVERSION, SWAP, MISS = range(len(CLASSES))

#: Class of a joint that is not annotated.
NONE = -1


@dataclass(frozen=True)
class OtherPeople:
    """Annotated people of the same images who are not evaluated.

    Attributes:
        images: M file names.
        joints: (M, K, 2) 0-based pixels.
        visible: (M, K) bool, whether the joint is annotated.
    """

    images: Sequence[str]
    joints: np.ndarray
    visible: np.ndarray


def classify(
    predictions: np.ndarray,
    truth: GroundTruth,
    images: Sequence[str],
    others: Optional[OtherPeople] = None,
) -> np.ndarray:
    """Give each annotated joint exactly one class.

    A joint is good or jitter if it is within the metric's thresholds of its own place.
    Otherwise it is an inversion within the threshold of the mirrored joint, or a swap
    within the threshold of any joint of another person in the image.

    Args:
        predictions: (N, K, 2) 0-based image pixels.
        truth: ground truth of the same N people.
        images: N file names.
        others: more people of these images.

    Returns:
        (N, K) indices into ``CLASSES``, -1 where the joint is not annotated.
    """
    thresholds = THRESHOLDS[truth.keypoints.normaliser]
    own = normalised_errors(predictions, truth)
    flip = truth.keypoints.flip_order
    mirrored = _distances(predictions, truth.joints[:, flip], truth.visible[:, flip])
    inverted = mirrored <= thresholds.threshold * truth.sizes[:, None]
    swapped = _on_others(predictions, truth, images, others)
    classes = np.select(
        [own <= thresholds.strict, own <= thresholds.threshold, inverted, swapped],
        [GOOD, JITTER, INVERSION, SWAP],
        MISS,
    )
    return np.where(truth.visible, classes, NONE)


def _distances(
    predictions: np.ndarray, joints: np.ndarray, visible: np.ndarray
) -> np.ndarray:
    """Pixels between predictions and joints; infinite if unannotated.

    All shapes broadcast; the last axis of the positions is x, y.
    """
    known = np.where(visible[..., None], joints, np.inf)
    return np.linalg.norm(predictions - known, axis=-1)


def _on_others(
    predictions: np.ndarray,
    truth: GroundTruth,
    images: Sequence[str],
    others: Optional[OtherPeople],
) -> np.ndarray:
    """Whether each joint (N, K) is within the threshold of another person's joint."""
    names, joints, visible = list(images), truth.joints, truth.visible
    if others is not None:
        names += others.images
        joints = np.concatenate([joints, others.joints])
        visible = np.concatenate([visible, others.visible])
    person, other = pairs(names, len(truth))
    # (P, K, 1) of the predictions against (P, 1, K) of the other person's joints
    distances = _distances(
        predictions[person][:, :, None],
        joints[other][:, None],
        visible[other][:, None],
    )
    limits = THRESHOLDS[truth.keypoints.normaliser].threshold * truth.sizes
    near = distances.min(axis=2) <= limits[person, None]
    found = np.zeros(truth.visible.shape, bool)
    np.logical_or.at(found, person, near)
    return found


def pairs(names: Sequence[str], people: int) -> Tuple[np.ndarray, np.ndarray]:
    """Pair each evaluated person with everybody else in their image.

    Args:
        names: image of each person, the evaluated people's first.
        people: number of evaluated people.

    Returns:
        Indices (P,) of evaluated people, and (P,) of the others beside them.
    """
    _, image, counts = np.unique(names, return_inverse=True, return_counts=True)
    by_image = np.argsort(image, kind="stable")
    first = np.cumsum(counts) - counts
    beside = counts[image[:people]]  # how many are in each person's image
    person = np.repeat(np.arange(people), beside)
    step = np.arange(beside.sum()) - np.repeat(np.cumsum(beside) - beside, beside)
    other = by_image[first[image[person]] + step]
    apart = person != other
    return person[apart], other[apart]


def repair_gains(
    classes: np.ndarray, truth: GroundTruth
) -> Dict[str, Tuple[float, float]]:
    """Points of the mean PCK that each class costs.

    Args:
        classes: (N, K) from :func:`classify`.
        truth: ground truth of the same people.

    Returns:
        By class, the points that the mean would gain at the metric's threshold and at
        the strict one if all joints of that class were exact.  Together with the mean
        they add up to 100.
    """
    scored = classes.copy()
    scored[:, list(truth.keypoints.unscored)] = NONE
    total = max(int((scored != NONE).sum()), 1)
    shares = {
        name: 100.0 * float((scored == code).sum()) / total
        for code, name in enumerate(CLASSES)
    }
    return {
        name: (0.0 if code <= JITTER else shares[name], shares[name] if code else 0.0)
        for code, name in enumerate(CLASSES)
    }
