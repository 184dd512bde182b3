"""Fixtures of the comparison with the references."""

import os
from pathlib import Path

import numpy as np
import pytest

from .make_fixtures import FIXTURES, NEEDS

LARGEST = pytest.StashKey()


@pytest.fixture(scope="session")
def reference():
    """Reads what a reference gave: ``reference(name, prefix)`` -> arrays by name.

    With a prefix, those whose names begin with it, which is left away.

    From the folder that ``PARITY_FIXTURES`` names (``make parity``), which lacks the
    references that need what is not here; else from the committed one.
    """
    folder = Path(os.environ.get("PARITY_FIXTURES", str(FIXTURES)))

    def read(name, prefix=""):
        if (
            folder != FIXTURES
            and name in NEEDS
            and not (folder / f"{name}.npz").exists()
        ):
            pytest.skip(f"{name} was not run: {NEEDS[name]} names no folder")
        with np.load(str(folder / f"{name}.npz")) as arrays:
            names = [key for key in arrays if key.startswith(prefix)]
            return {key[len(prefix) :]: arrays[key] for key in names}

    return read


@pytest.fixture
def deviation(request):
    """Checks and notes a deviation: ``deviation(row, figure, what)``.

    The largest of each row are printed after the tests, for ``docs/parity.md``.
    """
    largest = request.config.stash.setdefault(LARGEST, {})

    def check(row, figure, what=""):
        assert row.allows(figure), (
            f"{row.stage}{what and ', '}{what}: {figure:.3g} "
            f"is beyond {row.tolerance:g} {row.unit}"
        )
        largest[row.stage] = max(largest.get(row.stage, 0.0), float(figure))

    return check


def pytest_terminal_summary(terminalreporter, config):
    for stage, figure in config.stash.get(LARGEST, {}).items():
        terminalreporter.write_line(f"largest deviation {figure:.2g}: {stage}")
