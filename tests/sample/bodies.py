"""Straight, bent and mirrored poses for the tests."""

import numpy as np

from ppdet_hourglass.sample.person import place_points, pose_frames

TRUNK = ("bend", "lean", "tilt", "turn", "yaw", "roll")
LIMBS = ("hip", "spread", "knee", "shoulder", "raised", "inward", "elbow")


def pose(**angles):
    """A straight pose from the front but for the named angles; limbs of the right."""
    trunk, right = (np.array([angles.get(n, 0.0) for n in ns]) for ns in (TRUNK, LIMBS))
    limbs = np.stack([right, np.zeros(7)])
    return trunk, limbs[:, :3], limbs[:, 3:]


def mirrored(trunk, legs, arms):
    """All but the bend negated, the sides exchanged."""
    return trunk * (1, -1, -1, -1, -1, -1), legs[::-1], arms[::-1]


def body(one, lengths=None):
    """Points of a pose by name, statures."""
    return place_points(pose_frames(*one), np.ones(99) if lengths is None else lengths)
