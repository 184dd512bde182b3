"""Peaks of the networks of the PyTorch repositories, decoded."""

import pytest
from ppdet.core.workspace import load_config

from ..conftest import ROOT

STRIDE = 4


@pytest.mark.parametrize("family", ["bearpaw", "princeton"])
def test_decoding_is_unbiased_for_targets_rounded_down(config, reference, family):
    load_config(str(ROOT / f"configs/hourglass8_mpii_256_{family}.yml"))
    offset = config["TopDownHourglass"]["peak_offset"]
    made = reference("newell_targets")
    error = made["peak"] + offset - made["seen"] / STRIDE
    assert error.mean(axis=0) == pytest.approx(0, abs=0.03)
    assert error.std(axis=0) == pytest.approx(12**-0.5, abs=0.03)  # rounding alone
