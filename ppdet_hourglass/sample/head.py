"""The head: hair all around, a face where it looks, so that front differs from back."""

import numpy as np

from .outfit import Outfit
from .shapes import capsule, disc, fill, hull, shade
from .skeleton import HEAD_LENGTH, Skeleton

#: Half width and half height of the head, relative to its length (MPII head
#: boxes are 0.78 times as wide as high).
_HALF_WIDTH = 0.385
_HALF_HEIGHT = 0.5
#: The face is the part of the head within this angle of its direction.
_FACE_ANGLE = np.radians(68.0)
_FACE_TURN = np.linspace(0.0, 2 * np.pi, 18, endpoint=False)


class Head:
    """Maps points of a unit ball, as (left, up, forward), onto the drawn head."""

    def __init__(self, skeleton: Skeleton) -> None:
        neck, top = skeleton.point("upper_neck"), skeleton.point("head_top")
        self.centre = (neck + top)[:2] / 2
        self.length = HEAD_LENGTH * skeleton.unit
        self._frame = skeleton.head
        up = skeleton.head[:2, 1]
        self._tilt = float(np.arctan2(up[0], -up[1]))
        #: 1 if the face looks into the camera, -1 if away from it.
        self.facing = -float(skeleton.head[2, 2])

    def ball(self, points: np.ndarray) -> np.ndarray:
        """Camera-axes vectors (N, 3) of unit-ball points (N, 3)."""
        return points @ self._frame.T

    def onto(self, vectors: np.ndarray) -> np.ndarray:
        """Picture positions (N, 2); what is behind slides to the outline."""
        flat = vectors[:, :2].copy()
        behind = vectors[:, 2] > 0
        reach = np.maximum(np.linalg.norm(flat[behind], axis=1, keepdims=True), 1e-6)
        flat[behind] /= reach
        up = self._frame[:2, 1]
        across = np.array([-up[1], up[0]])
        return self.centre + self.length * (
            np.outer(flat @ up, up) * _HALF_HEIGHT
            + np.outer(flat @ across, across) * _HALF_WIDTH
        )

    def ellipse(self, scale: float = 1.0) -> np.ndarray:
        """Outline of the head, `scale` times its size."""
        width = _HALF_WIDTH * self.length * scale
        return disc(self.centre, width, _HALF_HEIGHT / _HALF_WIDTH, self._tilt)


def draw_head(image: np.ndarray, skeleton: Skeleton, outfit: Outfit) -> None:
    """Draw neck, hair and face in place."""
    head = Head(skeleton)
    thorax = skeleton.point("thorax")[:2]
    neck_radius = 0.030 * skeleton.unit * outfit.girth
    shadow = shade(outfit.skin, 0.80 if head.facing > 0 else 0.72)
    if outfit.long_hair and head.facing > -0.3:
        _draw_long_hair(image, head, thorax, outfit)
    neck = capsule(thorax, head.centre, neck_radius, neck_radius)
    fill(image, neck, shadow)
    fill(image, head.ellipse(1.08), shade(outfit.hair, 0.55))
    fill(image, head.ellipse(), outfit.hair)
    if head.facing > -0.55:
        _draw_face(image, head, outfit)
    if outfit.long_hair and head.facing <= -0.3:
        _draw_long_hair(image, head, thorax, outfit)


def _draw_long_hair(
    image: np.ndarray, head: Head, thorax: np.ndarray, outfit: Outfit
) -> None:
    radius = 0.40 * head.length
    fill(
        image,
        capsule(head.centre, thorax, radius, 0.9 * radius),
        shade(outfit.hair, 0.9),
    )


def _directions(pairs: np.ndarray) -> np.ndarray:
    """Unit-ball points (N, 3) at (azimuth to the left, elevation) in degrees (N, 2)."""
    azimuth, elevation = np.radians(pairs).T
    return np.stack(
        [
            np.sin(azimuth) * np.cos(elevation),
            np.sin(elevation),
            np.cos(azimuth) * np.cos(elevation),
        ],
        axis=1,
    )


def _face_rim() -> np.ndarray:
    """Edge of the face on the unit ball (18, 3), a cap that looks slightly down."""
    axis = _directions(np.array([[0.0, -22.0]]))[0]
    left = np.array([1.0, 0.0, 0.0])
    rising = np.cross(axis, left)
    circle = np.outer(np.cos(_FACE_TURN), left) + np.outer(np.sin(_FACE_TURN), rising)
    return np.cos(_FACE_ANGLE) * axis + np.sin(_FACE_ANGLE) * circle


#: The face's rim, eyes, ears, ends of the mouth and of the nose on the unit ball.
_FEATURES = np.concatenate(
    [
        _face_rim(),
        _directions(np.array([[-27.0, 4.0], [27.0, 4.0]])),
        _directions(np.array([[-88.0, -4.0], [88.0, -4.0]])),
        _directions(np.array([[-17.0, -40.0], [17.0, -40.0]])),
        _directions(np.array([[0.0, 2.0], [0.0, -18.0]])) * [[1.0], [1.22]],
    ]
)
_SPLITS = np.cumsum([len(_FACE_TURN), 2, 2, 2])


def _draw_face(image: np.ndarray, head: Head, outfit: Outfit) -> None:
    vectors = head.ball(_FEATURES)
    rim, eyes, ears, mouth, nose = np.split(head.onto(vectors), _SPLITS)
    _, eye_depths, ear_depths, mouth_depths, nose_depths = np.split(
        vectors[:, 2], _SPLITS
    )
    fill(image, hull(rim), outfit.skin)
    dot = 0.065 * head.length
    for ear, depth in zip(ears, ear_depths):
        if depth < 0.1:
            fill(image, disc(ear, dot, 1.4), shade(outfit.skin, 0.8))
    for eye, depth in zip(eyes, eye_depths):
        if depth < -0.15:
            fill(image, disc(eye, dot), (245, 245, 245))
            fill(image, disc(eye, 0.6 * dot), (25, 25, 30))
    if mouth_depths.max() < 0.2:
        fill(image, capsule(*mouth, 0.5 * dot, 0.5 * dot), (50, 45, 150))
    if nose_depths.max() < 0.3:
        fill(image, capsule(*nose, 0.4 * dot, 0.7 * dot), shade(outfit.skin, 0.82))
