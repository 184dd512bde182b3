"""PCKh, the figure of MPII: pure arithmetic on arrays.

Andriluka et al., "2D Human Pose Estimation: New Benchmark and State of the Art
Analysis", CVPR 2014.  Letters: N people, K joints, T thresholds.
"""

from dataclasses import dataclass
from typing import Dict, Iterable, Sequence

import numpy as np

from ..errors import UserError
from ..keypoints import GROUPS, NUM_JOINTS, UNSCORED
from .ground_truth import GroundTruth

__all__ = ["GroundTruth", "PCKhResult", "pckh"]

#: The figure's threshold, and the strict one, in head sizes.
THRESHOLD = 0.5
STRICT_THRESHOLD = 0.1

#: Thresholds of the area under the curve: 0, 0.01 ... 0.5.
AUC_THRESHOLDS = np.arange(51) / 100

#: 0-based predictions become MPII's 1-based pixels.
ONE_BASED = 1.0


@dataclass(frozen=True)
class PCKhResult:
    """Percentages of joints found; NaN for a joint that nobody has.

    Attributes:
        per_joint: PCKh@0.5 of Head, Shoulder ... Ankle (both sides averaged).
        mean: PCKh@0.5 of all annotated joints but pelvis and thorax.
        mean_01: the same at 0.1.
        auc: mean of the PCKh over the thresholds 0, 0.01 ... 0.5.
    """

    per_joint: Dict[str, float]
    mean: float
    mean_01: float
    auc: float

    def figures(self) -> Dict[str, float]:
        """All figures by name, in the order of the table."""
        summary = {"Mean": self.mean, "Mean@0.1": self.mean_01, "AUC": self.auc}
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


def pckh(predictions: np.ndarray, truth: GroundTruth) -> PCKhResult:
    """Percentage of correct keypoints, normalised by head size.

    A joint is found if its error is at most ``threshold`` x 0.6 x the diagonal
    of the person's head box.  The mean weights each joint by how many people
    have it annotated and leaves pelvis and thorax out, as MPII does.

    Args:
        predictions: (N, K, 2) 0-based image pixels, in the ground truth's order.
        truth: ground truth of the same N people.

    Raises:
        UserError: another shape, or a prediction that is not finite.
    """
    predictions = np.asarray(predictions, dtype=np.float64)
    expected = (len(truth), NUM_JOINTS, 2)
    if predictions.shape != expected:
        raise UserError(
            f"predictions must have shape {expected} (people, joints, 2) for "
            f"{truth.source}, but have {predictions.shape}"
        )
    check_finite(predictions)
    errors = normalised_errors(predictions, truth)
    at_half, at_tenth = found_rates(
        errors, truth.visible, [THRESHOLD, STRICT_THRESHOLD]
    )
    curve = found_rates(errors, truth.visible, AUC_THRESHOLDS)
    return PCKhResult(
        per_joint={name: _average(at_half[ids]) for name, ids in GROUPS.items()},
        mean=_weighted(at_half, truth.visible),
        mean_01=_weighted(at_tenth, truth.visible),
        auc=float(np.mean([_weighted(rates, truth.visible) for rates in curve])),
    )


def check_finite(predictions: np.ndarray) -> None:
    """Raise :class:`UserError` for the first of (N, K, 2) that is NaN or infinite."""
    wrong = np.argwhere(~np.isfinite(predictions))
    if wrong.size:
        raise UserError(
            f"prediction of person {wrong[0][0]} is not finite: did training diverge?"
        )


def normalised_errors(predictions: np.ndarray, truth: GroundTruth) -> np.ndarray:
    """(N, K) distances in head sizes of (N, K, 2) 0-based predictions."""
    joints = np.where(truth.visible[..., None], truth.joints, 0)
    distance = np.linalg.norm(predictions + ONE_BASED - joints, axis=2)
    return distance / truth.head_sizes[:, None]


def found_rates(
    errors: np.ndarray, visible: np.ndarray, thresholds: Sequence[float]
) -> np.ndarray:
    """(T, K) percentages of annotated joints within each threshold.

    Args:
        errors: (N, K) in head sizes.
        visible: (N, K) bool.
        thresholds: T values in head sizes; an error equal to one counts as found.
    """
    limits = np.asarray(thresholds)[:, None, None]
    found = ((errors <= limits) & visible).sum(axis=1)
    count = visible.sum(axis=0)
    return np.where(count > 0, 100.0 * found / np.maximum(count, 1), np.nan)


def _average(rates: np.ndarray) -> float:
    known = rates[~np.isnan(rates)]
    return float(known.mean()) if known.size else float("nan")


def _weighted(rates: np.ndarray, visible: np.ndarray) -> float:
    count = visible.sum(axis=0).astype(np.float64)
    count[UNSCORED] = 0
    if count.sum() == 0:
        return float("nan")
    return float((np.nan_to_num(rates) * count).sum() / count.sum())
