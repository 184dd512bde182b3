"""Damage that SciPy's compiled reader does not survive; found by ``make fuzz``."""

import os
import signal
import time

import pytest

from ppdet_hourglass.data.mpii import mat_file
from ppdet_hourglass.data.mpii.mat_file import read_mat

from ...conftest import refused


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.mat"
    path.write_bytes(b"damaged")
    return str(path)


def test_a_reader_that_crashes(path, monkeypatch):
    monkeypatch.setattr(
        "scipy.io.loadmat", lambda _: os.kill(os.getpid(), signal.SIGSEGV)
    )
    assert refused(read_mat, path, "ground truth") == (
        f"ground truth {path} is not a readable .mat file: damaged? The process that "
        "read it crashed"
    )


def test_a_reader_that_never_ends(path, monkeypatch):
    monkeypatch.setattr("scipy.io.loadmat", lambda _: time.sleep(99))
    monkeypatch.setattr(mat_file, "LEAST_SECONDS", 0.2)
    assert refused(read_mat, path, "ground truth") == (
        f"ground truth {path} is not a readable .mat file: damaged? It was not read "
        "within 0 s"
    )
