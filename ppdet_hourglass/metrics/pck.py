"""PCK, the percentage of correct keypoints: pure arithmetic on arrays.

Measured in head sizes it is PCKh, MPII's metric: Andriluka et al., "2D Human Pose
Estimation: New Benchmark and State of the Art Analysis", CVPR 2014.

Letters: N people, K joints.
"""

from dataclasses import dataclass
from typing import Dict, Iterable, Optional, Sequence

import numpy as np

from ..errors import UserError
from .ground_truth import THRESHOLDS, GroundTruth

#: Thresholds of the area under the curve, as fractions of the metric's threshold.
AUC_STEPS = np.arange(51) / 50

#: Resamplings of the people, and how many are held in memory at once.
ROUNDS, ROUNDS_AT_ONCE = 10_000, 500

#: Percentiles of the differences that bound the 95 % interval.
INTERVAL = (2.5, 97.5)


@dataclass(frozen=True)
class PCKResult:
    """Percentages of joints found; NaN for a joint that no person has annotated.

    Attributes:
        per_joint: PCK of each group of joints, such as Wrist (both sides averaged).
        mean: PCK of all annotated joints except the set's ``unscored`` ones.
        mean_strict: the same at the strict threshold.
        auc: mean of the PCK over 51 thresholds from 0 to the metric's.
        strict: the strict threshold (:data:`.ground_truth.THRESHOLDS`).
    """

    per_joint: Dict[str, float]
    mean: float
    mean_strict: float
    auc: float
    strict: float = 0.1

    def figures(self) -> Dict[str, float]:
        """All figures by name, in the order of the table."""
        strict = f"Mean@{self.strict:g}"
        summary = {"Mean": self.mean, strict: self.mean_strict, "AUC": self.auc}
        return {**self.per_joint, **summary}

    def line(self) -> str:
        """Format one line as the published reproduction does, sorted by name."""
        figures = sorted(self.figures().items())
        return " ".join(["[EVAL]", *(f"{name}={value:.3f}" for name, value in figures)])

    def __str__(self) -> str:
        figures = self.figures()
        widths = [max(len(name), 7) for name in figures]
        values = [f"{value:.3f}" for value in figures.values()]
        rule = "|".join("-" * (width + 2) for width in widths)
        return "\n".join([_row(figures, widths), f"|{rule}|", _row(values, widths)])


def _row(cells: Iterable[str], widths: Sequence[int]) -> str:
    padded = " | ".join(cell.rjust(width) for cell, width in zip(cells, widths))
    return f"| {padded} |"


def pck(predictions: np.ndarray, truth: GroundTruth) -> PCKResult:
    """Compute the percentage of correct keypoints, normalised by each person's size.

    A joint is found if its error is at most threshold x size.  The mean is the share
    of all annotated joints but the set's ``unscored`` ones (MPII's pelvis and thorax).

    Args:
        predictions: (N, K, 2) 0-based image pixels, in the ground truth's order.
        truth: ground truth of the same N people.

    Raises:
        UserError: the predictions have another shape, or one is not finite.
    """
    predictions = np.asarray(predictions, dtype=np.float64)
    expected = truth.joints.shape
    if predictions.shape != expected:
        raise UserError(
            f"predictions must have shape {expected} (people, joints, 2) for "
            f"{truth.source}, but have {predictions.shape}"
        )
    check_finite(predictions)
    errors = normalised_errors(predictions, truth)
    thresholds = THRESHOLDS[truth.keypoints.normaliser]
    rates = _percent(errors <= thresholds.threshold, truth.visible, axis=0)
    scored = truth.scored

    def mean(threshold: float) -> float:
        return float(_percent(errors <= threshold, scored))

    groups = truth.keypoints.groups.items()
    return PCKResult(
        per_joint={name: _average(rates[list(ids)]) for name, ids in groups},
        mean=mean(thresholds.threshold),
        mean_strict=mean(thresholds.strict),
        auc=float(np.mean([mean(t) for t in thresholds.threshold * AUC_STEPS])),
        strict=thresholds.strict,
    )


def check_finite(predictions: np.ndarray) -> None:
    """Raise :class:`UserError` for the first of (N, K, 2) that is not finite."""
    wrong = np.argwhere(~np.isfinite(predictions))
    if wrong.size:
        raise UserError(
            f"prediction of person {wrong[0][0]} is not finite: did training diverge?"
        )


def normalised_errors(predictions: np.ndarray, truth: GroundTruth) -> np.ndarray:
    """Errors (N, K) of predictions (N, K, 2), divided by people's sizes."""
    joints = np.where(truth.visible[..., None], truth.joints, 0)
    distance = np.linalg.norm(predictions - joints, axis=2)
    return distance / truth.sizes[:, None]


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
        return np.lexsort([-self.mean_errors, _ratio(self.found, self.counted)])


def person_scores(predictions: np.ndarray, truth: GroundTruth) -> PersonScores:
    """Score predictions (N, K, 2), 0-based image pixels, at the metric's threshold."""
    errors = normalised_errors(predictions, truth)
    threshold = THRESHOLDS[truth.keypoints.normaliser].threshold
    scored = truth.scored
    counted = scored.sum(axis=1)
    total = np.where(scored, errors, 0).sum(axis=1)
    return PersonScores(counted, scored & (errors > threshold), _ratio(total, counted))


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


def _percent(
    found: np.ndarray, counted: np.ndarray, axis: Optional[int] = None
) -> np.ndarray:
    """Percentage of the counted joints that are found; NaN if none is counted."""
    return _ratio(100.0 * (found & counted).sum(axis), counted.sum(axis))


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def _average(rates: np.ndarray) -> float:
    known = rates[~np.isnan(rates)]
    return float(known.mean()) if known.size else float("nan")
