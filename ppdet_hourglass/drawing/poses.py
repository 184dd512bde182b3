"""Poses drawn into pictures.

Letters: K joints, M people, H x W pixels.  All positions are 0-based image pixels.
"""

from typing import Optional, Sequence, Tuple

import cv2
import numpy as np

from ..keypoints.keypoint_set import KeypointSet
from ..keypoints.pose import Pose
from .skeleton import add_skeleton, bone_width

#: Colours of spine and head; people take them in turn.
PERSON_RGB = (
    *((245, 200, 50), (70, 200, 90), (235, 110, 230), (70, 220, 220)),
    *((255, 140, 40), (160, 110, 250), (190, 220, 60), (255, 160, 180)),
)

#: Joints with a lower score are drawn at this opacity.
FAINT_BELOW_SCORE = 0.3
FAINT_OPACITY = 0.35

#: Pictures smaller than this (geometric mean of the sides) are drawn at twice their
#: size and then reduced, to smooth the lines.
SMALL_PICTURE_PX = 1200


def draw_pose(
    image: np.ndarray,
    joints: np.ndarray,
    keypoints: KeypointSet,
    visible: Optional[np.ndarray] = None,
) -> np.ndarray:
    """Draw the skeleton of joints (K, 2) into a copy of an image (H, W, 3) uint8 BGR.

    ``visible`` (K,) bool says which joints to draw, by default all; a bone is drawn if
    both its ends are.
    """
    shown = np.ones(len(joints), bool) if visible is None else visible.astype(bool)
    picture, factor = _enlarged(image)
    _add_people(picture, [joints], keypoints, [shown], factor)
    return _reduced(picture, factor)


def draw_people(
    image: np.ndarray,
    poses: Sequence[Pose],
    keypoints: KeypointSet,
    faint_below: float = FAINT_BELOW_SCORE,
    boxes: bool = False,
) -> np.ndarray:
    """Draw M people into a copy of an image (H, W, 3) uint8 BGR.

    Each person has a colour for spine and head.  Joints with a score lower than
    ``faint_below``, and their bones, are drawn faintly; ``boxes`` adds people's boxes.
    """
    picture, factor = _enlarged(image)
    people = [pose.keypoints for pose in poses]
    sure = [pose.scores >= faint_below for pose in poses]
    if not all(mask.all() for mask in sure):
        layer = picture.copy()
        everything = [np.ones_like(mask) for mask in sure]
        _add_people(layer, people, keypoints, everything, factor)
        picture = cv2.addWeighted(layer, FAINT_OPACITY, picture, 1 - FAINT_OPACITY, 0)
    if boxes:
        _add_boxes(picture, poses, factor)
    _add_people(picture, people, keypoints, sure, factor)
    return _reduced(picture, factor)


def _enlarged(image: np.ndarray) -> Tuple[np.ndarray, int]:
    """A copy of an image, enlarged if it is small, and the factor."""
    height, width = image.shape[:2]
    if height * width >= SMALL_PICTURE_PX**2:
        return image.copy(), 1
    double = (2 * width, 2 * height)
    return cv2.resize(image, double, interpolation=cv2.INTER_NEAREST), 2


def _reduced(picture: np.ndarray, factor: int) -> np.ndarray:
    """Undo :func:`_enlarged`; pixels that were not drawn on stay exact."""
    if factor == 1:
        return picture
    height, width = picture.shape[:2]
    size = (width // factor, height // factor)
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def _add_people(
    picture: np.ndarray,
    people: Sequence[np.ndarray],
    keypoints: KeypointSet,
    shown: Sequence[np.ndarray],
    factor: int,
) -> None:
    """Draw the joints (K, 2) of each person that ``shown`` (K,) bool selects."""
    for index, (joints, mask) in enumerate(zip(people, shown)):
        enlarged = factor * (joints + 0.5) - 0.5  # pixel centres map to pixel centres
        width = round(bone_width(picture.shape[:2], joints, factor))
        color = PERSON_RGB[index % len(PERSON_RGB)]
        add_skeleton(picture, enlarged, keypoints, mask, width, color)


def _add_boxes(picture: np.ndarray, poses: Sequence[Pose], factor: int) -> None:
    import supervision as sv

    for index, pose in enumerate(poses):
        x, y, w, h = pose.box
        color = sv.Color(*PERSON_RGB[index % len(PERSON_RGB)])
        width = bone_width(picture.shape[:2], pose.keypoints, factor)
        corners = np.array([[x, y, x + w, y + h]], np.float32)
        corners = factor * (corners + 0.5)
        annotator = sv.BoxAnnotator(
            color, max(1, round(width / 2)), sv.ColorLookup.INDEX
        )
        annotator.annotate(picture, sv.Detections(xyxy=corners))
