"""The fixtures of the command lines, and how often to kill."""

import os

import pytest

from ..end_to_end.conftest import start  # noqa: F401

#: These take a quarter of an hour; `make soak` asks for them.
collect_ignore_glob = [] if "SOAK_KILLS" in os.environ else ["test_*.py"]


@pytest.fixture
def kills():
    """Number of kills: 30, or the environment's ``SOAK_KILLS``."""
    return int(os.environ.get("SOAK_KILLS", "30"))
