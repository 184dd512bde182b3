"""Scores of single people: the PCK of each person.

Letters: N people, K joints.
"""

from dataclasses import dataclass

import numpy as np

from .ground_truth import GroundTruth
from .normaliser import THRESHOLDS
from .pck import normalised_errors


@dataclass(frozen=True)
class PersonScores:
    """Found joints and errors of each person, without the set's ``unscored`` joints.

    Attributes:
        counted: (N,) number of annotated joints.
        wrong: (N, K) bool, annotated joints that are not found.
        mean_errors: (N,) mean error divided by the person's size, NaN without joints.
    """

    counted: np.ndarray
    wrong: np.ndarray
    mean_errors: np.ndarray

    @property
    def found(self) -> np.ndarray:
        """(N,) number of annotated joints that are found."""
        return self.counted - self.wrong.sum(axis=1)

    def worst_first(self) -> np.ndarray:
        """(N,) indices of the people, smallest share of found joints first.

        Among equal shares the larger mean error comes first.  People without counted
        joints come last.
        """
        share = np.where(self.counted > 0, self.found / np.maximum(self.counted, 1), 2)
        return np.lexsort([-self.mean_errors, share])


def person_scores(predictions: np.ndarray, truth: GroundTruth) -> PersonScores:
    """Score predictions (N, K, 2), 0-based image pixels, at the metric's threshold."""
    errors = normalised_errors(predictions, truth)
    counts = truth.visible.copy()
    counts[:, list(truth.keypoints.unscored)] = False
    counted = counts.sum(axis=1)
    total = np.where(counts, errors, 0).sum(axis=1)
    return PersonScores(
        counted=counted,
        wrong=counts & (errors > THRESHOLDS[truth.keypoints.normaliser].threshold),
        mean_errors=np.where(counted > 0, total / np.maximum(counted, 1), np.nan),
    )
