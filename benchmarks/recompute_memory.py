"""Peak memory and time of a training step, with and without recomputation.

Each measurement runs in a process of its own; the peak is the process's resident
memory above what it held before the step.

    python benchmarks/recompute_memory.py --stacks 8 --batch 2
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

WAYS = ("kept", "recomputed")


def one_pass(network, image) -> float:
    """Seconds of a forward and backward pass."""
    start = time.perf_counter()
    sum((m**2).mean() for m in network(image)).backward()
    return time.perf_counter() - start


def measure(stacks: int, batch: int, size: int, recompute: bool) -> dict:
    """Peak mebibytes of the first pass, seconds of the second."""
    from ppdet_hourglass.cli.runner import set_up_process

    set_up_process(threads=1)
    import paddle

    from ppdet_hourglass.modeling.backbones.stacked_hourglass import StackedHourglass

    network = StackedHourglass(num_stacks=stacks, recompute=recompute)
    image = paddle.rand([batch, 3, size, size])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    one_pass(network, image)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    network.clear_gradients()
    seconds = one_pass(network, image)  # the first also asked the system for memory
    return {"MiB": (after - before) / 1024, "seconds": seconds}


def main() -> None:
    """Print both measurements and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stacks", type=int, default=8)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument(
        "--only", choices=["kept", "recomputed"], help=argparse.SUPPRESS
    )
    args = parser.parse_args()
    if args.only:
        recompute = args.only == "recomputed"
        print(json.dumps(measure(args.stacks, args.batch, args.size, recompute)))
        return
    results = {}
    for way in WAYS:
        command = [sys.executable, __file__, *sys.argv[1:], "--only", way]
        out = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        results[way] = json.loads(out.stdout.splitlines()[-1])
        print(
            f"{way:11} {results[way]['MiB']:8.0f} MiB {results[way]['seconds']:7.1f} s"
        )
    kept, again = results["kept"], results["recomputed"]
    print(
        f"recomputed / kept: memory {again['MiB'] / kept['MiB']:.2f}, "
        f"time {again['seconds'] / kept['seconds']:.2f}"
    )


if __name__ == "__main__":
    main()
