import os

import pytest

from ppdet_hourglass.engine import environment
from ppdet_hourglass.engine.environment import is_amd, prepare


def test_threads_are_a_default(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    prepare(threads=3)
    assert os.environ["OMP_NUM_THREADS"] == "3"
    prepare(threads=1)
    assert os.environ["OMP_NUM_THREADS"] == "3"


@pytest.mark.parametrize("amd, value", [(True, "5"), (False, None)])
def test_math_library_setting_on_amd_only(monkeypatch, amd, value):
    monkeypatch.delenv("MKL_DEBUG_CPU_TYPE", raising=False)
    monkeypatch.setattr(environment, "is_amd", lambda: amd)
    prepare(threads=1)
    assert os.environ.get("MKL_DEBUG_CPU_TYPE") == value


def test_is_amd(tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text("vendor_id : AuthenticAMD\n")
    assert is_amd(str(path))
    path.write_text("vendor_id : GenuineIntel\n")
    assert not is_amd(str(path)) and not is_amd(str(tmp_path / "none"))
