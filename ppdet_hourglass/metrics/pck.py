"""PCK, the percentage of correct keypoints: pure arithmetic on arrays.

Measured in head sizes it is PCKh, MPII's metric: Andriluka et al., "2D Human Pose
Estimation: New Benchmark and State of the Art Analysis", CVPR 2014.

Letters: N people, K joints, T thresholds.
"""

from dataclasses import dataclass
from typing import Dict, Iterable, Sequence

import numpy as np

from ..errors import UserError
from .ground_truth import GroundTruth
from .normaliser import THRESHOLDS

__all__ = ["GroundTruth", "PCKResult", "pck"]

#: Thresholds of the area under the curve, as fractions of the metric's threshold.
AUC_STEPS = np.arange(51) / 50

#: 0-based predictions become MPII's 1-based pixels.
ONE_BASED = 1.0


@dataclass(frozen=True)
class PCKResult:
    """Percentages of joints found; NaN for a joint that no person has annotated.

    Attributes:
        per_joint: PCK of each group of joints, such as Wrist (both sides averaged).
        mean: PCK of all annotated joints except the set's ``unscored`` ones.
        mean_strict: the same at the strict threshold.
        auc: mean of the PCK over 51 thresholds from 0 to the metric's.
        strict: the strict threshold (:data:`.normaliser.THRESHOLDS`).
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

    A joint is found if its error is at most threshold x size.  The mean weights each
    joint by the number of people who have it annotated, and leaves out the set's
    ``unscored`` joints (MPII's pelvis and thorax).

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
    threshold, strict = thresholds.threshold, thresholds.strict
    rates, at_strict = found_rates(errors, truth.visible, [threshold, strict])
    curve = found_rates(errors, truth.visible, threshold * AUC_STEPS)
    groups = truth.keypoints.groups.items()
    return PCKResult(
        per_joint={name: _average(rates[list(ids)]) for name, ids in groups},
        mean=_weighted(rates, truth),
        mean_strict=_weighted(at_strict, truth),
        auc=float(np.mean([_weighted(at_step, truth) for at_step in curve])),
        strict=strict,
    )


def check_finite(predictions: np.ndarray) -> None:
    """Raise :class:`UserError` for the first of (N, K, 2) that is not finite."""
    wrong = np.argwhere(~np.isfinite(predictions))
    if wrong.size:
        raise UserError(
            f"prediction of person {wrong[0][0]} is not finite: did training diverge?"
        )


def normalised_errors(predictions: np.ndarray, truth: GroundTruth) -> np.ndarray:
    """Errors (N, K) of 0-based predictions (N, K, 2), divided by people's sizes."""
    joints = np.where(truth.visible[..., None], truth.joints, 0)
    distance = np.linalg.norm(predictions + ONE_BASED - joints, axis=2)
    return distance / truth.sizes[:, None]


def found_rates(
    errors: np.ndarray, visible: np.ndarray, thresholds: Sequence[float]
) -> np.ndarray:
    """Percentages (T, K) of annotated joints within each threshold.

    Args:
        errors: (N, K), divided by people's sizes.
        visible: (N, K) bool, whether the joint is annotated.
        thresholds: T largest errors of found joints, in the same unit.
    """
    ordered = np.sort(np.where(visible, errors, np.inf).T, axis=1)
    found = np.stack([np.searchsorted(row, thresholds, "right") for row in ordered], 1)
    count = visible.sum(axis=0)
    return np.where(count > 0, 100.0 * found / np.maximum(count, 1), np.nan)


def _average(rates: np.ndarray) -> float:
    known = rates[~np.isnan(rates)]
    return float(known.mean()) if known.size else float("nan")


def _weighted(rates: np.ndarray, truth: GroundTruth) -> float:
    count = truth.visible.sum(axis=0).astype(np.float64)
    count[list(truth.keypoints.unscored)] = 0
    if count.sum() == 0:
        return float("nan")
    return float((np.nan_to_num(rates) * count).sum() / count.sum())
