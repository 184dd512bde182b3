"""Poses drawn into pictures.

Letters: K joints, M people, H x W pixels.  All positions are 0-based image pixels.
"""

from typing import Callable, List, Optional, Sequence

import cv2
import numpy as np

from ..keypoints.keypoint_set import KeypointSet
from ..keypoints.pose import Pose
from .skeleton import RGB, add_skeleton, bone_width

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
    """Draw one skeleton.

    Args:
        image: (H, W, 3) uint8 BGR.
        joints: (K, 2) pixels.
        visible: (K,) bool, which joints to draw, by default all; a bone is drawn if
            both its ends are.

    Returns:
        A new picture (H, W, 3) uint8 BGR.
    """
    shown = np.ones(len(joints), bool) if visible is None else visible.astype(bool)

    def draw(picture: np.ndarray, factor: int) -> np.ndarray:
        _add_person(picture, joints, keypoints, shown, PERSON_RGB[0], factor)
        return picture

    return _smoothly(image, draw)


def draw_people(
    image: np.ndarray,
    poses: Sequence[Pose],
    keypoints: KeypointSet,
    faint_below: float = FAINT_BELOW_SCORE,
    boxes: bool = False,
) -> np.ndarray:
    """Draw all people of an image, with spine and head in a colour for each person.

    Args:
        image: (H, W, 3) uint8 BGR.
        poses: M people.
        faint_below: joints with a lower score, and their bones, are drawn faintly.
        boxes: whether to draw the people's boxes too.

    Returns:
        A new picture (H, W, 3) uint8 BGR.
    """

    def draw(picture: np.ndarray, factor: int) -> np.ndarray:
        sure = [pose.scores >= faint_below for pose in poses]
        if not all(mask.all() for mask in sure):
            everybody = [np.ones_like(mask) for mask in sure]
            layer = picture.copy()
            _add_people(layer, poses, keypoints, everybody, factor)
            picture = cv2.addWeighted(
                layer, FAINT_OPACITY, picture, 1 - FAINT_OPACITY, 0
            )
        if boxes:
            _add_boxes(picture, poses, factor)
        _add_people(picture, poses, keypoints, sure, factor)
        return picture

    return _smoothly(image, draw)


def _smoothly(
    image: np.ndarray, draw: Callable[[np.ndarray, int], np.ndarray]
) -> np.ndarray:
    """Draw into a copy, enlarged for a small picture; untouched pixels stay exact."""
    height, width = image.shape[:2]
    if height * width >= SMALL_PICTURE_PX**2:
        return draw(image.copy(), 1)
    double = (2 * width, 2 * height)
    picture = draw(cv2.resize(image, double, interpolation=cv2.INTER_NEAREST), 2)
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def _add_people(
    picture: np.ndarray,
    poses: Sequence[Pose],
    keypoints: KeypointSet,
    shown: List[np.ndarray],
    factor: int,
) -> None:
    for index, (pose, mask) in enumerate(zip(poses, shown)):
        color = PERSON_RGB[index % len(PERSON_RGB)]
        _add_person(picture, pose.keypoints, keypoints, mask, color, factor)


def _add_person(
    picture: np.ndarray,
    joints: np.ndarray,
    keypoints: KeypointSet,
    shown: np.ndarray,
    color: RGB,
    factor: int,
) -> None:
    enlarged = factor * (joints + 0.5) - 0.5  # pixel centres map to pixel centres
    width = round(factor * _width(picture, joints, factor))
    add_skeleton(picture, enlarged, keypoints, shown, width, color)


def _width(picture: np.ndarray, joints: np.ndarray, factor: int) -> float:
    """Width of the bones, in pixels of the picture before it was enlarged."""
    height, width = picture.shape[:2]
    return bone_width((height // factor, width // factor), joints)


def _add_boxes(picture: np.ndarray, poses: Sequence[Pose], factor: int) -> None:
    import supervision as sv

    for index, pose in enumerate(poses):
        x, y, width, height = pose.box
        color = sv.Color(*PERSON_RGB[index % len(PERSON_RGB)])
        thickness = max(1, round(factor * _width(picture, pose.keypoints, factor) / 2))
        corners = np.array([[x, y, x + width, y + height]], np.float32)
        corners = factor * (corners + 0.5)
        annotator = sv.BoxAnnotator(color, thickness, sv.ColorLookup.INDEX)
        annotator.annotate(picture, sv.Detections(xyxy=corners))
