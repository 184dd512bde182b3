"""Checks of people's positions, as functions on arrays.

Letters: N people, K joints, L pairs of limbs.  All positions are 0-based pixels: an
image W pixels wide reaches from -0.5 to W - 0.5.
"""

from typing import Dict, List, Sequence, Tuple

import numpy as np

from ...keypoints.keypoint_set import KeypointSet
from ..people import People

#: Pixels that a joint may be outside its image: annotators click on the border.
MARGIN_PX = 1.0

#: The same person: the joints that both records have lie so close together on average,
#: as a share of the person's height.  Of MPII's 22246 training people the closest two
#: of one image have 0.028.
SAME_SHARE = 0.02
SAME_LEAST_JOINTS = 3

#: Limbs are suspected from this ratio of :func:`crossing` on.  Of MPII's training
#: people 1 % reach it; of those whose elbows, wrists or shoulders are exchanged, about
#: 70 %; of those with exchanged hips, knees or ankles, 7 to 18 %.
CROSSED_FROM = 1.5

#: Indices of two joints on the left, and of the same ones on the right.
Limbs = Tuple[int, int, int, int]


def empty_head_boxes(people: People) -> np.ndarray:
    """(N,) bool: the head box has no width or no height."""
    if people.head_boxes is None:
        return np.zeros(len(people), bool)
    return (people.head_boxes[:, 1] <= people.head_boxes[:, 0]).any(axis=1)


def outside_crops(people: People) -> np.ndarray:
    """(N,) bool: joints are annotated, but all of them lie outside the crop."""
    return people.visible.any(axis=1) & ~people.targets.any(axis=1)


def outside(people: People, sizes: np.ndarray) -> np.ndarray:
    """(N,) bool: the person's square or all annotated joints lie beyond the image.

    Args:
        people: N people.
        sizes: (N, 2) width and height of their images; NaN if unknown.
    """
    half = people.sides[:, None] / 2
    beyond = (people.centers + half < -0.5) | (people.centers - half > sizes - 0.5)
    visible, far = people.visible, joints_outside(people, sizes)
    return beyond.any(axis=1) | (visible.any(axis=1) & (far == visible).all(axis=1))


def joints_outside(people: People, sizes: np.ndarray) -> np.ndarray:
    """(N, K) bool: an annotated joint is outside its image, by more than the margin."""
    first, last = -0.5 - MARGIN_PX, sizes[:, None] - 0.5 + MARGIN_PX
    beyond = (people.joints < first) | (people.joints > last)
    return beyond.any(axis=2) & people.visible


def fit_only_upright(people: People, sizes: np.ndarray) -> np.ndarray:
    """(N,) bool: some joints are outside the image as stored, none if it lay sideways.

    For an image that EXIF rotates by 90 degrees, this means that the positions refer to
    the upright image.
    """
    inside = ~joints_outside(people, sizes[:, ::-1]).any(axis=1)
    return inside & joints_outside(people, sizes).any(axis=1)


def duplicates(people: People) -> np.ndarray:
    """(N,) index of an earlier record of the same person in the same image, or -1."""
    earlier = np.full(len(people), -1)
    by_image: Dict[str, List[int]] = {}
    for index, image in enumerate(people.images):
        same = by_image.setdefault(image, [])
        if same:
            both = people.visible[same] & people.visible[index]
            offsets = people.joints[same] - people.joints[index]
            distances = np.where(both, np.linalg.norm(offsets, axis=2), 0)
            mean = distances.sum(axis=1) / np.maximum(both.sum(axis=1), 1)
            near = mean <= SAME_SHARE * people.sides[index]
            near &= both.sum(axis=1) >= SAME_LEAST_JOINTS
            earlier[index] = same[near.argmax()] if near.any() else -1
        same.append(index)
    return earlier


def limbs_of(keypoints: KeypointSet) -> List[Limbs]:
    """The bones between paired joints, and the sides of the torso if it has them."""
    left = {left: right for left, right in keypoints.pairs}
    bones = [bone for bone in keypoints.skeleton if left.keys() >= {*bone}]
    names = keypoints.joints
    torso = ("left_shoulder", "left_hip")
    if set(torso) <= set(names):
        bones.append((names.index(torso[0]), names.index(torso[1])))
    return [(a, b, left[a], left[b]) for a, b in dict.fromkeys(bones)]


def crossing(
    joints: np.ndarray, visible: np.ndarray, limbs: Sequence[Limbs]
) -> np.ndarray:
    """How much shorter two limbs would be if the joints at one end changed sides.

    Args:
        joints: (N, K, 2).
        visible: (N, K).
        limbs: L pairs of limbs.

    Returns:
        (N, L) length of both limbs as annotated / with the ends exchanged; 0 if a
        joint is not annotated.
    """
    ratios = np.zeros((len(joints), len(limbs)))
    for column, (a, b, c, d) in enumerate(limbs):
        points = joints[:, [a, b, c, d]]
        as_annotated, exchanged = (
            np.linalg.norm(points[:, [0, 2]] - points[:, ends], axis=2).sum(axis=1)
            for ends in ([1, 3], [3, 1])
        )
        known = visible[:, [a, b, c, d]].all(axis=1)
        ratios[:, column] = known * as_annotated / np.maximum(exchanged, 1e-6)
    return ratios
