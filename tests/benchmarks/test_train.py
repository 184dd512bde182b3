"""The GPU benchmark's code, on a CPU; what the emulation of 16 bits counts."""

import argparse

import numpy as np
import paddle
import pytest

from benchmarks import train
from benchmarks.amp import Rounding, _error

from ..conftest import ROOT
from ..end_to_end.conftest import TINY


def test_the_gpu_benchmark_trains(sample_people):
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    argv = ["--gpu", "--dataset", str(sample_people)]
    argv += ["--configs", str(ROOT / "configs/hourglass_sample.yml")]
    args = parser.parse_args([*argv, "-o", *TINY[:-4], "worker_num=0", "use_gpu=false"])
    facts = train.measure(args).facts
    assert list(facts) == [
        f"hourglass_sample.yml, amp {amp}" for amp in ("false", "true")
    ]
    for fact in facts.values():
        assert "people/s" in fact and fact.endswith("MiB on cpu")
        assert 0 < float(fact.split(" people/s")[0]) < 1e5


def test_the_gpu_benchmark_needs_a_data_set():
    args = argparse.Namespace(gpu=True, dataset=None)
    with pytest.raises(SystemExit, match="--gpu needs --dataset, a folder in MPII's"):
        train.measure(args)


def test_float16_flushes_what_the_scale_does_not_lift():
    gradient = paddle.to_tensor([0.0, 2.0**-27, 2.0**-22, 1.0, 70000.0])
    flush = Rounding("float16", 1.0)
    rounded = flush(gradient).numpy()
    assert rounded[:4].tolist() == [0.0, 0.0, 2.0**-22, 1.0] and np.isinf(rounded[4])
    assert flush.shares() == "flushed 25.00%, subnormal 25.00%, overflown 1"
    lifted = Rounding("float16", 2.0**10)
    assert lifted(gradient[:3]).tolist() == [0.0, 2.0**-27, 2.0**-22]
    assert lifted.shares() == "flushed 0.00%, subnormal 50.00%, overflown 0"


def test_bfloat16_keeps_eight_bits():
    assert Rounding("bfloat16", 1.0)(paddle.to_tensor([1 + 2.0**-9])).tolist() == [1.0]


def test_errors_are_relative_to_the_norm():
    exact = [np.array([3.0, 4.0]), np.array([0.0, 12.0])]
    rounded = [np.array([3.0, 3.0]), np.array([0.0, 12.0])]
    text = "error 7.69%, of the median layer 10.00%"  # 1 / 13; median of 1 / 5 and 0
    assert _error(rounded, exact) == text
