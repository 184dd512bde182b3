"""PCK, the percentage of correct keypoints: pure arithmetic on arrays.

Measured in head sizes it is PCKh, the figure of MPII: Andriluka et al., "2D Human
Pose Estimation: New Benchmark and State of the Art Analysis", CVPR 2014.  Letters:
N people, K joints, T thresholds.
"""

from dataclasses import dataclass
from typing import Dict, Iterable, Sequence

import numpy as np

from ..errors import UserError
from .ground_truth import GroundTruth
from .normaliser import THRESHOLDS

__all__ = ["GroundTruth", "PCKResult", "pck"]

#: Thresholds of the area under the curve, in parts of the figure's threshold.
AUC_STEPS = np.arange(51) / 50

#: 0-based predictions become MPII's 1-based pixels.
ONE_BASED = 1.0


@dataclass(frozen=True)
class PCKResult:
    """Percentages of joints found; NaN for a joint that nobody has.

    The threshold is 0.5 head sizes, or 0.2 of the other lengths; the strict one is
    0.1, or 0.05 of the box (:data:`.normaliser.THRESHOLDS`).

    Attributes:
        per_joint: PCK of each row of the table, such as Head (both sides averaged).
        mean: PCK of all annotated joints that count in the mean.
        mean_strict: the same at the strict threshold.
        auc: mean of the PCK over 51 thresholds from 0 to the figure's.
        strict: the strict threshold, for its name.
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
        """One line in the form of the published reproduction, sorted by name."""
        pairs = [
            f"{name}={value:.3f}" for name, value in sorted(self.figures().items())
        ]
        return "[EVAL] " + " ".join(pairs)

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
    """Percentage of correct keypoints, normalised by each person's size.

    A joint is found if its error is at most ``threshold`` x the size.  The mean
    weights each joint by how many people have it annotated and leaves the set's
    ``unscored`` out (MPII's: pelvis and thorax).

    Args:
        predictions: (N, K, 2) 0-based image pixels, in the ground truth's order.
        truth: ground truth of the same N people.

    Raises:
        UserError: another shape, or a prediction that is not finite.
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
    """Raise :class:`UserError` for the first of (N, K, 2) that is NaN or infinite."""
    wrong = np.argwhere(~np.isfinite(predictions))
    if wrong.size:
        raise UserError(
            f"prediction of person {wrong[0][0]} is not finite: did training diverge?"
        )


def normalised_errors(predictions: np.ndarray, truth: GroundTruth) -> np.ndarray:
    """(N, K) distances of (N, K, 2) 0-based predictions, in people's sizes."""
    joints = np.where(truth.visible[..., None], truth.joints, 0)
    distance = np.linalg.norm(predictions + ONE_BASED - joints, axis=2)
    return distance / truth.sizes[:, None]


def found_rates(
    errors: np.ndarray, visible: np.ndarray, thresholds: Sequence[float]
) -> np.ndarray:
    """(T, K) percentages of annotated joints within each threshold.

    Args:
        errors: (N, K) in people's sizes.
        visible: (N, K) bool.
        thresholds: T values likewise; an error equal to one counts as found.
    """
    limits = np.asarray(thresholds)[:, None, None]
    found = ((errors <= limits) & visible).sum(axis=1)
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
