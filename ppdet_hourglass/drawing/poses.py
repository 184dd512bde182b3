"""Draw poses into images by OpenCV, with smooth edges.

Letters: K joints, M people, H x W pixels.  All positions are 0-based image pixels.
"""

from typing import List, Optional, Sequence, Tuple

import cv2
import numpy as np

from ..keypoints.keypoint_set import KeypointSet
from ..keypoints.pose import Pose

#: Red, green, blue.
RGB = Tuple[int, int, int]

#: Colours of the person's own right and left side.
RIGHT_RGB, LEFT_RGB = (230, 75, 60), (60, 130, 240)

#: Colours of spine and head; people take them in turn.
PERSON_RGB = (
    *((245, 200, 50), (70, 200, 90), (235, 110, 230), (70, 220, 220)),
    *((255, 140, 40), (160, 110, 250), (190, 220, 60), (255, 160, 180)),
)

#: Joints of a keypoint set without left and right take these in turn.
JOINT_RGB = (
    *((230, 75, 60), (60, 130, 240), (70, 200, 90), (245, 200, 50)),
    *((235, 110, 230), (70, 220, 220), (255, 140, 40), (160, 110, 250)),
)

#: The outline that separates bones and joints from the background.
OUTLINE_RGB = (25, 25, 25)

#: Joints with a lower score are drawn at this opacity.
FAINT_BELOW_SCORE = 0.3
FAINT_OPACITY = 0.35

#: Width of a bone as a share of the image's size (geometric mean of its sides), and in
#: a small image; upper limit as a share of the person's size, so that bones do not hide
#: a small person, and lower limit.
BONE_PER_IMAGE, SMALL_IMAGE_BONE_PX = 0.0035, 2.0
BONE_PER_PERSON, MIN_BONE_PX = 0.02, 1.25

#: Radius of a joint, and width of the outline, as multiples of the bone's width.
RADIUS_PER_BONE = 1.25
OUTLINE_PER_BONE = 0.3

#: The circle around a joint; its dark edges make it visible on any background.
RING_RGB = (255, 0, 255)
RING_RADIUS_PX = 8

#: Fractional bits of positions passed to OpenCV, and the farthest position, so that
#: one far outside the image stays within 32 bits.
SHIFT, LIMIT_PX = 6, 2**20

#: Width that OpenCV's smooth edge adds to a polygon, and a circle of radius 1.
EDGE_PX = 1.3
TURN = np.linspace(0, 2 * np.pi, 32, endpoint=False)
CIRCLE = np.stack([np.cos(TURN), np.sin(TURN)], axis=1)


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
    drawn = image.copy()
    shown = np.ones(len(joints), bool) if visible is None else visible.astype(bool)
    width = bone_width(image.shape[:2], joints[shown])
    _add_skeleton(drawn, joints, keypoints, shown, PERSON_RGB[0], width)
    return drawn


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
    drawn = image.copy()
    colors = [PERSON_RGB[index % len(PERSON_RGB)] for index in range(len(poses))]
    widths = [bone_width(image.shape[:2], pose.keypoints) for pose in poses]
    people = list(zip(poses, colors, widths))
    if any((pose.scores < faint_below).any() for pose in poses):
        for pose, color, width in people:
            sure = pose.scores >= faint_below
            place = (drawn, pose.keypoints, keypoints)
            _add_skeleton(*place, ~sure, color, width, ends=sure)
        drawn = cv2.addWeighted(drawn, FAINT_OPACITY, image, 1 - FAINT_OPACITY, 0)
    for pose, color, width in people if boxes else ():
        x, y, w, h = pose.box
        corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
        for share, rgb in ((1.6, OUTLINE_RGB), (0.8, color)):
            for a, b in zip(corners, np.roll(corners, 1, axis=0)):
                _add_line(drawn, a, b, share * width, rgb)
    for pose, color, width in people:
        sure = pose.scores >= faint_below
        _add_skeleton(drawn, pose.keypoints, keypoints, sure, color, width)
    return drawn


def bone_width(size: Tuple[int, int], joints: np.ndarray) -> float:
    """Width of the bones of a person with these joints (n, 2) in an image (H, W)."""
    extent = float(np.ptp(joints, axis=0).max()) if len(joints) else 0.0
    width = max(BONE_PER_IMAGE * (size[0] * size[1]) ** 0.5, SMALL_IMAGE_BONE_PX)
    return max(min(width, BONE_PER_PERSON * extent), MIN_BONE_PX)


def joint_colors(keypoints: KeypointSet, middle: RGB = PERSON_RGB[0]) -> List[RGB]:
    """K colours, of the joints' sides; distinct ones if no joint has a side.

    ``middle`` is the colour of joints on neither side.
    """
    if not keypoints.pairs:
        return [JOINT_RGB[joint % len(JOINT_RGB)] for joint in range(len(keypoints))]
    colors = {"right": RIGHT_RGB, "left": LEFT_RGB, "": middle}
    return [colors[keypoints.side(joint)] for joint in range(len(keypoints))]


def bone_colors(keypoints: KeypointSet, middle: RGB = PERSON_RGB[0]) -> List[RGB]:
    """Colour of each bone: its side's, or ``middle`` if its ends have no common one."""
    colors = {"right": RIGHT_RGB, "left": LEFT_RGB, "": middle}
    sides = [{keypoints.side(joint) for joint in bone} for bone in keypoints.skeleton]
    return [colors[max(own)] if len(own - {""}) == 1 else middle for own in sides]


def add_ring(image: np.ndarray, point: np.ndarray) -> None:
    """Circle a point (x, y) in an image (H, W, 3) uint8 BGR, changed in place."""
    center, radius = _fixed(point).tolist(), RING_RADIUS_PX << SHIFT
    for color, width in ((OUTLINE_RGB, 4), (RING_RGB, 2)):
        cv2.circle(image, center, radius, color[::-1], width, cv2.LINE_AA, SHIFT)


def _add_skeleton(
    image: np.ndarray,
    joints: np.ndarray,
    keypoints: KeypointSet,
    shown: np.ndarray,
    middle: RGB,
    width: float,
    ends: Optional[np.ndarray] = None,
) -> None:
    """Draw the outline, then bones and joints in their colours.

    Args:
        image: changed in place.
        joints: (K, 2).
        shown: (K,) bool, which joints to draw, with the bones between them.
        middle: colour of joints and bones on neither side.
        width: width of a bone, pixels.
        ends: (K,) bool, joints not to draw, at which bones of drawn ones may end.
    """
    present = shown if ends is None else shown | ends
    radius, border = RADIUS_PER_BONE * width, OUTLINE_PER_BONE * width
    bones = [
        (joints[a], joints[b], color)
        for (a, b), color in zip(keypoints.skeleton, bone_colors(keypoints, middle))
        if present[a] and present[b] and (shown[a] or shown[b])
    ]
    colors = joint_colors(keypoints, middle)
    dots = [(joints[joint], colors[joint]) for joint in np.flatnonzero(shown)]
    for a, b, _ in bones:
        _add_line(image, a, b, width + 2 * border, OUTLINE_RGB)
    for point, _ in dots:
        _add_dot(image, point, radius + border, OUTLINE_RGB)
    layer = {RIGHT_RGB: 0, LEFT_RGB: 1}  # the middle lies above both
    for a, b, color in sorted(bones, key=lambda bone: layer.get(bone[2], 2)):
        _add_line(image, a, b, width, color)
    for point, color in dots:
        _add_dot(image, point, radius, color)


def _add_line(
    image: np.ndarray, a: np.ndarray, b: np.ndarray, width: float, color: RGB
) -> None:
    along = np.subtract(b, a, dtype=np.float64)
    length = np.hypot(*along)
    if width < EDGE_PX + 0.5 or length == 0:
        line = _fixed(np.array([a, b])).tolist()
        cv2.line(image, *line, color[::-1], 1, cv2.LINE_AA, SHIFT)
        return
    across = np.array([-along[1], along[0]]) * (width - EDGE_PX) / (2 * length)
    _fill(image, np.array([a + across, b + across, b - across, a - across]), color)


def _add_dot(image: np.ndarray, point: np.ndarray, radius: float, color: RGB) -> None:
    _fill(image, point + max(radius - EDGE_PX / 2, 0.3) * CIRCLE, color)


def _fill(image: np.ndarray, corners: np.ndarray, color: RGB) -> None:
    """Fill a convex polygon (n, 2), whose edge adds half of ``EDGE_PX`` all around.

    OpenCV's smooth lines are whole pixels wide, and its small circles are diamonds.
    """
    cv2.fillConvexPoly(image, _fixed(corners), color[::-1], cv2.LINE_AA, SHIFT)


def _fixed(points: np.ndarray) -> np.ndarray:
    """Positions as OpenCV takes them, in whole parts of a pixel."""
    near = np.clip(points, -LIMIT_PX, LIMIT_PX)
    return np.round(near * 2**SHIFT).astype(np.int32)
