"""``python -m tests.fuzz``: many changed inputs; ``make fuzz`` runs 10,000."""

import argparse
import resource
import sys
import time

from ppdet_hourglass.cli import runner

#: The process may take so much memory.
MOST_GB = 2


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    parser.add_argument("--only", help="one target")
    args = parser.parse_args()
    runner.set_up_process(threads=1)  # before OpenCV is imported, as for every command
    from .harness import fuzz
    from .targets import TARGETS

    targets = [t for t in TARGETS if args.only in (None, t.__name__)]
    start = time.monotonic()
    finds, lines, results = fuzz(targets, args.runs, args.seed, args.first)
    for find in finds:
        print(find)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # Linux: of KiB
    print(
        f"{args.runs} inputs in {time.monotonic() - start:.0f} s: {lines} refused in a "
        f"line, {results} read, {len(finds)} finds; peak memory {peak:.1f} GB"
    )
    return 1 if finds or peak > MOST_GB else 0


if __name__ == "__main__":
    sys.exit(main())
