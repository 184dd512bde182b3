"""The table of what is compared, with what, and how closely.

``docs/parity.md`` shows it; the tests take their tolerances from it.
"""

from dataclasses import dataclass
from typing import Dict


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        stage: what is compared.
        against: with what.
        tolerance: largest deviation allowed.
        unit: of the tolerance; "relative" as :func:`comparing.relative` has it.
    """

    stage: str
    against: str
    tolerance: float
    unit: str = "relative"

    def shown(self) -> str:
        """The tolerance with its unit, as the document has it."""
        return f"{self.tolerance:g} {self.unit}"

    def allows(self, deviation: float) -> bool:
        """True if ``deviation`` is finite and within the tolerance."""
        return deviation <= self.tolerance


TABLE: Dict[str, Row] = {
    "network": Row(
        "network output, 1 and 2 stacks, train and eval mode",
        "mmpose `HourglassNet` + `CPMHead`",
        1e-4,
    ),
    "gradients": Row(
        "loss and every gradient", "mmpose `KeypointMSELoss`, torch autograd", 1e-3
    ),
    "training": Row(
        "20 training steps with Adam, warm-up and the same batches: "
        "loss curve and batch-norm statistics",
        "mmpose, torch `Adam`, mmengine `LinearLR`",
        1e-2,
    ),
    "crop": Row(
        "affine crop of the five real people",
        "mmpose `TopdownAffine`",
        1.0,
        "grey level, mean",
    ),
    "targets": Row("targets", "mmpose `MSRAHeatmap`", 1e-6, "absolute"),
    "decoding": Row(
        "flip test and decoding",
        "mmpose heatmap flip + `MSRAHeatmap.decode`, DARK",
        1e-3,
        "px",
    ),
    "pckh": Row(
        "PCKh per joint, @0.5 and @0.1", "mmpose `MpiiPCKAccuracy`", 0.0, "samples"
    ),
    "newell": Row(
        "Newell 1, 2, 8 stacks", "the three PyTorch repositories' forward", 1e-4
    ),
}
