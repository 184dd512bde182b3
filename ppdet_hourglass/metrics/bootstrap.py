"""Whether one of two evaluations of the same people is really better.

Letters: N people.
"""

from dataclasses import dataclass

import numpy as np

#: Resamplings of the people, and how many are held in memory at once.
ROUNDS, ROUNDS_AT_ONCE = 10_000, 500

#: Percentiles of the differences that bound the 95 % interval.
INTERVAL = (2.5, 97.5)


@dataclass(frozen=True)
class Difference:
    """Difference of two mean figures, second minus first, in points.

    Attributes:
        points: the difference.
        low, high: its 95 % interval; the difference is real if 0 lies outside.
    """

    points: float
    low: float
    high: float


def paired_difference(
    first: np.ndarray, second: np.ndarray, counted: np.ndarray, seed: int = 0
) -> Difference:
    """Paired bootstrap over people of the difference of two mean PCKs.

    Args:
        first, second: (N,) number of found joints of each person.
        counted: (N,) number of annotated joints of each person.
        seed: of the resampling.
    """
    gained = second - first
    rng = np.random.default_rng(seed)
    differences = []
    for _ in range(ROUNDS // ROUNDS_AT_ONCE):
        drawn = rng.integers(len(counted), size=(ROUNDS_AT_ONCE, len(counted)))
        joints = np.maximum(counted[drawn].sum(axis=1), 1)
        differences.append(100.0 * gained[drawn].sum(axis=1) / joints)
    low, high = np.percentile(np.concatenate(differences), INTERVAL)
    points = 100.0 * gained.sum() / max(counted.sum(), 1)
    return Difference(float(points), float(low), float(high))
