"""The processor, as Linux describes it."""

import os

import pytest

from ppdet_hourglass.compat import processor


@pytest.mark.parametrize(
    "flags, expected",
    [
        ("flags : fpu avx2 avx512_bf16 bmi2\n", True),
        ("flags : fpu amx_bf16\n", True),
        ("flags : fpu avx512f avx512_vnni\n", False),
    ],
)
def test_has_bf16(tmp_path, monkeypatch, flags, expected):
    monkeypatch.setattr(processor, "CPUINFO", str(tmp_path / "cpuinfo"))
    assert not processor.has_bf16()
    (tmp_path / "cpuinfo").write_text(f"processor : 0\n{flags}")
    assert processor.has_bf16() is expected


def test_is_amd(tmp_path, monkeypatch):
    path = tmp_path / "cpuinfo"
    monkeypatch.setattr(processor, "CPUINFO", str(path))
    assert not processor.is_amd()
    path.write_text("vendor_id : AuthenticAMD\n")
    assert processor.is_amd()
    path.write_text("vendor_id : GenuineIntel\n")
    assert not processor.is_amd()


@pytest.mark.parametrize(
    "version_2, version_1, cores",
    [
        (None, None, 8),
        ("max 100000", None, 8),
        ("150000 100000", None, 2),
        ("50000 100000", None, 1),
        ("1600000 100000", None, 8),
        (None, ("300000", "100000"), 3),
        (None, ("-1", "100000"), 8),
        ("", ("", "0"), 8),
    ],
)
def test_cores_of_a_container(tmp_path, monkeypatch, version_2, version_1, cores):
    names = ("max", "quota", "period")
    paths = [str(tmp_path / name) for name in names]
    monkeypatch.setattr(processor, "CGROUP_2", paths[0])
    monkeypatch.setattr(processor, "CGROUP_1", tuple(paths[1:]))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(8))
    for path, text in zip(paths, (version_2, *(version_1 or (None, None)))):
        if text is not None:
            (tmp_path / path).write_text(f"{text}\n")
    assert processor.usable_cores() == cores


def test_cores_of_the_affinity(monkeypatch, tmp_path):
    monkeypatch.setattr(processor, "CGROUP_2", str(tmp_path / "none"))
    monkeypatch.setattr(processor, "CGROUP_1", (str(tmp_path / "none"),) * 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 3})
    assert processor.usable_cores() == 2
