"""One person's skeleton, drawn by the supervision library.

Letters: K joints, H x W pixels.  All positions are 0-based image pixels.
"""

from typing import Sequence, Tuple

import numpy as np

from ..keypoints.keypoint_set import KeypointSet

#: Red, green, blue.
RGB = Tuple[int, int, int]

#: Colours of the person's own right and left side.
RIGHT_RGB, LEFT_RGB = (230, 75, 60), (60, 130, 240)

#: Colour of the outline that separates bones and joints from the background.
OUTLINE_RGB = (25, 25, 25)

#: Width of a bone as a share of the picture's size (geometric mean of its sides).
BONE_PER_PICTURE = 0.0035

#: Upper limit as a share of the person's size, so that bones do not hide a small
#: person, and lower limit.
BONE_PER_PERSON = 0.025
MIN_BONE_PX = 1.5

#: Radius of a joint as a multiple of the bone's width.
RADIUS_PER_BONE = 1.25


def bone_width(size: Tuple[int, int], joints: np.ndarray, factor: int = 1) -> float:
    """Width of a person's bones in a picture of size (H, W), pixels.

    ``joints`` (K, 2) are in pixels of the picture before it was enlarged by ``factor``.
    """
    extent = float(np.ptp(joints, axis=0).max()) if len(joints) else 0.0
    share = BONE_PER_PICTURE * (size[0] * size[1]) ** 0.5 / factor
    return factor * max(MIN_BONE_PX, min(share, BONE_PER_PERSON * extent))


def add_skeleton(
    picture: np.ndarray,
    joints: np.ndarray,
    keypoints: KeypointSet,
    shown: np.ndarray,
    width: int,
    middle: RGB,
) -> None:
    """Draw the outline, then right, left and middle in their colours.

    Args:
        picture: (H, W, 3) uint8 BGR, changed in place.
        joints: (K, 2) pixels of the picture.
        shown: (K,) bool, which joints to draw; a bone is drawn if both its ends are.
        width: width of a bone, pixels.
        middle: colour of joints and bones on neither side.
    """
    radius = max(2, round(RADIUS_PER_BONE * width))
    border = max(1, round(width / 4))
    bones = [(a, b) for a, b in keypoints.skeleton if shown[a] and shown[b]]
    ends = np.flatnonzero(shown)
    _add(picture, joints, bones, ends, OUTLINE_RGB, width + 2 * border, radius + border)
    for side, color in (("right", RIGHT_RGB), ("left", LEFT_RGB), ("", middle)):
        part = [bone for bone in bones if side_of(keypoints, bone) == side]
        own = [joint for joint in ends if keypoints.side(joint) == side]
        _add(picture, joints, part, own, color, width, radius)


def side_of(keypoints: KeypointSet, bone: Sequence[int]) -> str:
    """Side of a bone: ``right``, ``left``, or ``""`` for the middle."""
    sides = {keypoints.side(joint) for joint in bone} - {""}
    return sides.pop() if len(sides) == 1 else ""


def _add(
    picture: np.ndarray,
    joints: np.ndarray,
    bones: Sequence[Tuple[int, int]],
    ends: Sequence[int],
    color: RGB,
    width: int,
    radius: int,
) -> None:
    """Draw bones, and joints over them, in one colour.

    supervision treats a joint at (0, 0) as missing, so it gets only the joints to
    draw.  It numbers joints from 1, and truncates positions to whole pixels.
    """
    import supervision as sv

    rounded = (joints + 0.5).astype(np.float32)
    if bones:
        pairs = [(2 * index + 1, 2 * index + 2) for index in range(len(bones))]
        lines = sv.KeyPoints(xy=rounded[np.ravel(bones)][None])
        sv.EdgeAnnotator(sv.Color(*color), width, pairs).annotate(picture, lines)
    if len(ends):
        dots = sv.KeyPoints(xy=rounded[list(ends)][None])
        sv.VertexAnnotator(sv.Color(*color), radius).annotate(picture, dots)
