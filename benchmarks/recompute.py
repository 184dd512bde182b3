"""Peak memory and time of a training step, with and without recomputation.

    python -m benchmarks recompute --stacks 8 --batch 2

Run as a module, it is one such way: ``benchmarks.recompute WAY STACKS BATCH SIZE``.
"""

import argparse
import resource
from typing import Any, Callable, Dict

from .report import Result
from .workers import Way, in_turn, serve

KEPT, RECOMPUTED = "kept", "recomputed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument("--stacks", type=int, default=8)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--size", type=int, default=256, help="of the input, in pixels")


def measure(args: argparse.Namespace) -> Result:
    """Time forward and backward passes, and compare the peaks of resident memory."""
    sizes = [args.stacks, args.batch, args.size]
    ways = [Way(way, __name__, [way, *sizes]) for way in (KEPT, RECOMPUTED)]
    times = in_turn(ways, args.rounds)
    kept, again = times[KEPT], times[RECOMPUTED]
    facts = {
        "MiB, kept": round(kept["MiB"]),
        "MiB, recomputed": round(again["MiB"]),
        "memory ratio": round(again["MiB"] / kept["MiB"], 2),
        "time ratio": round(again["seconds"] / kept["seconds"], 2),
    }
    return Result(times, goals=[], facts=facts)


def training_step(way: str, *sizes: str) -> Callable[[], Dict[str, Any]]:
    """One forward and backward pass; returns its peak memory in MiB."""
    from ppdet_hourglass.cli.runner import set_up_process

    set_up_process(threads=1)
    import paddle

    from ppdet_hourglass.modeling.backbones.stacked_hourglass import StackedHourglass

    stacks, batch, size = map(int, sizes)
    network = StackedHourglass(num_stacks=stacks, recompute=way == RECOMPUTED)
    image = paddle.rand([batch, 3, size, size])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def step() -> Dict[str, Any]:
        network.clear_gradients()
        sum((maps**2).mean() for maps in network(image)).backward()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {"MiB": (peak - before) / 1024}

    return step


if __name__ == "__main__":
    serve(training_step)
