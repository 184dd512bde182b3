from dataclasses import replace

import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.metrics.ground_truth import GroundTruth


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"joints": np.ones((2, 16, 3))}, r"shape \(2, 16, 2\), but have \(2, 16, 3\)"),
        (
            {"joints": np.ones((2, 14, 2)), "visible": np.ones((2, 14), bool)},
            r"x.mat: joints must have shape \(2, 16, 2\), but have \(2, 14, 2\)",
        ),
        (
            {"joints": np.full((2, 16, 2), np.nan)},
            "x.mat: an annotated joint of person 0 is not finite",
        ),
        ({"sizes": np.ones(3)}, "head box for each of 2 people .* there are 3"),
        ({"sizes": np.array([1.0, 0.0])}, "head box of person 1 has no size"),
        ({"sizes": np.array([np.nan, 1])}, "head box of person 0 has no size"),
        ({"visible": np.zeros((2, 16), bool)}, "no joint is annotated"),
    ],
)
def test_inconsistent_ground_truth(changes, message):
    good = GroundTruth(
        np.ones((2, 16, 2)), np.ones((2, 16), bool), np.ones(2), source="x.mat"
    )
    with pytest.raises(UserError, match=message):
        replace(good, **changes)
