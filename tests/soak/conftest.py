"""The fixtures of the command lines, and how often to kill."""

import os

import pytest

from ..end_to_end.conftest import start  # noqa: F401


@pytest.fixture
def kills():
    """Number of kills: 30, or the environment's ``SOAK_KILLS``."""
    return int(os.environ.get("SOAK_KILLS", "30"))
