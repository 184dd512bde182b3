"""Straight, bent and mirrored poses for the tests."""

import numpy as np

from ppdet_hourglass.sample.skeleton import (
    INDEX,
    OFFSETS,
    BodyPose,
    frames,
    place_points,
)

TRUNK = ["bend", "lean", "twist", "nod", "tilt", "turn"]
LIMBS = ["hip", "spread", "turnout", "knee", "shoulder", "raised", "roll", "elbow"]
VIEW = ["yaw", "pitch", "roll"]


def pose(trunk=(), view=(), **right):
    """A straight pose from the front but for the named angles, limbs of the right."""
    trunk, limbs, view = (
        np.array([dict(given).get(name, 0.0) for name in names])
        for names, given in ((TRUNK, trunk), (LIMBS, right), (VIEW, view))
    )
    return BodyPose(trunk, np.stack([limbs, np.zeros(8)], axis=1), view)


def mirrored(one):
    """Lean, twist, tilt, turn, yaw and roll negated, the sides exchanged."""
    trunk = one.trunk * (1, -1, -1, 1, -1, -1)
    return BodyPose(trunk, one.limbs[:, ::-1], one.view * (-1, 1, -1))


class Body:
    """Points of a pose by name, statures."""

    def __init__(self, one, offsets=OFFSETS):
        self.points = place_points(frames(one), offsets)

    def __getitem__(self, name):
        return self.points[INDEX[name]]
