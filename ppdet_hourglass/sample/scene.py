"""Everything in a picture but its people: background, things in front, film."""

import cv2
import numpy as np

from .shapes import Colour, disc, fill, shade
from .style import SceneStyle


def background(
    rng: np.random.Generator, width: int, height: int, style: SceneStyle
) -> np.ndarray:
    """A picture (height, width, 3) without people, sometimes out of focus."""
    image = _wall(rng, width, height)
    for _ in range(int(rng.integers(style.clutter + 1))):
        _draw_thing(rng, image)
    if rng.random() < 0.6:
        image = cv2.blur(image, (int(rng.integers(2, 10)),) * 2)
    return image


def _muted(rng: np.random.Generator) -> np.ndarray:
    """A BGR colour of little saturation, as walls, streets and skies have."""
    return (rng.uniform(40, 225) + rng.normal(0.0, 22.0, 3)).clip(10, 245)


def _wall(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Smooth patches of two colours, usually with ground below a horizon."""
    first, second = _muted(rng), _muted(rng)
    mix = rng.random((5, 5, 1)) * rng.uniform(0.2, 0.8)
    mix = mix + np.linspace(0.0, 0.5, 5)[:, None, None] * rng.integers(2)
    coarse = np.clip(first + mix * (second - first), 0, 255).astype(np.uint8)
    image = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.7:
        horizon = int(height * rng.uniform(0.45, 0.85))
        ground = _muted(rng)
        nearer = np.linspace(0.85, 1.1, height - horizon)[:, None, None]
        image[horizon:] = np.clip(ground * nearer, 0, 255).astype(np.uint8)
    return image


def _draw_thing(rng: np.random.Generator, image: np.ndarray) -> None:
    """A window, a cupboard, a post or a bush."""
    height, width = image.shape[:2]
    centre = rng.random(2) * (width, height)
    colour: Colour = tuple(_muted(rng))
    size = rng.uniform(0.04, 0.22, 2) * height
    if rng.random() < 0.3:
        fill(image, disc(centre, size[0], size[1] / size[0]), colour)
        return
    if rng.random() < 0.35:
        size = np.array([0.15 * size[0], height])
    _draw_box(image, centre, size, colour)


def _draw_box(
    image: np.ndarray, centre: np.ndarray, half: np.ndarray, colour: Colour
) -> None:
    """A box with a darker edge and a drawer."""
    for scale, light in (((1.05, 1.05), 0.6), ((1.0, 1.0), 1.0), ((0.85, 0.3), 0.88)):
        reach = half * scale
        start, end = (centre - reach).astype(int), (centre + reach).astype(int)
        tone = shade(colour, light)
        cv2.rectangle(image, start.tolist(), end.tolist(), tone, cv2.FILLED)


def draw_seat(
    rng: np.random.Generator, image: np.ndarray, pelvis: np.ndarray, unit: float
) -> None:
    """A stool below `pelvis` (2,) for somebody of `unit` pixels' stature, in place."""
    half = np.array([rng.uniform(0.13, 0.2), 0.12]) * unit
    _draw_box(image, pelvis + (0.0, 0.05 * unit + half[1]), half, tuple(_muted(rng)))


def draw_occluder(
    rng: np.random.Generator, image: np.ndarray, joints: np.ndarray, unit: float
) -> None:
    """A crate, a rail or a leafy ball before one of the `joints` (K, 2), in place."""
    target = joints[rng.integers(len(joints))] + rng.normal(0.0, 0.05, 2) * unit
    colour: Colour = tuple(_muted(rng))
    kind = rng.integers(3)
    if kind == 0:
        _draw_box(image, target, rng.uniform(0.06, 0.14, 2) * unit, colour)
    elif kind == 1:
        half = np.array([0.6, rng.uniform(0.015, 0.035)]) * unit
        _draw_box(image, target, half, colour)
    else:
        fill(image, disc(target, rng.uniform(0.05, 0.11) * unit), colour)


def develop(rng: np.random.Generator, image: np.ndarray, noise: int) -> np.ndarray:
    """The picture with a tint, an exposure, at times soft focus, and noise."""
    gain = rng.uniform(0.75, 1.15) * rng.uniform(0.93, 1.07, 3)
    levels = np.clip(np.arange(256)[:, None] * gain + rng.uniform(-8, 22), 0, 255)
    image = cv2.LUT(image, levels.astype(np.uint8)[None])
    if rng.random() < 0.25:
        image = cv2.GaussianBlur(image, (3, 3), float(rng.uniform(0.4, 0.8)))
    return _with_grain(rng, image, int(rng.integers(1, noise + 1)))


def _with_grain(
    rng: np.random.Generator, image: np.ndarray, amplitude: int
) -> np.ndarray:
    """`image` with grey uniform noise from -amplitude to amplitude."""
    height, width = image.shape[:2]
    chance = np.frombuffer(rng.bytes(height * width), np.uint8).reshape(height, width)
    levels = (np.arange(256) * (2 * amplitude + 1) // 256).astype(np.uint8)
    grain = cv2.cvtColor(cv2.LUT(chance, levels), cv2.COLOR_GRAY2BGR)
    return cv2.subtract(cv2.add(image, grain), (amplitude,) * 4)
