"""What this computer's processor can do, and how many of its cores may be used."""

import math
import os

CPUINFO = "/proc/cpuinfo"

#: Flags in Linux's ``cpuinfo`` of processors that compute in bf16.
BF16_FLAGS = {"avx512_bf16", "amx_bf16"}

#: Where cgroups of version 2 and 1 state the processor time that a container may use:
#: microseconds in each period.
CGROUP_2 = "/sys/fs/cgroup/cpu.max"
CGROUP_1 = (
    "/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
    "/sys/fs/cgroup/cpu/cpu.cfs_period_us",
)


def usable_cores() -> int:
    """Number of cores that this process may use, at least 1.

    The affinity and the container's quota may leave fewer than the computer has.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    words = _text(CGROUP_2).split() or [_text(path).strip() for path in CGROUP_1]
    if len(words) == 2 and all(word.isdigit() and int(word) for word in words):
        cores = min(cores, math.ceil(int(words[0]) / int(words[1])))
    return max(cores, 1)


def has_bf16() -> bool:
    """Whether the processor computes in bf16, as far as Linux tells."""
    return bool(BF16_FLAGS & set(_text(CPUINFO).split()))


def is_amd() -> bool:
    """Whether the processor is AMD's, as far as Linux tells."""
    return "AuthenticAMD" in _text(CPUINFO)


def _text(path: str) -> str:
    """A file's text; empty where there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
