"""The most memory that a training has used."""

import sys

import paddle


def peak_megabytes() -> float:
    """Peak memory in 10^6 bytes: of the GPU if Paddle uses one, else of the process.

    NaN where the system does not tell.
    """
    if paddle.get_device().startswith("gpu"):
        return paddle.device.cuda.max_memory_allocated() / 1e6
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
