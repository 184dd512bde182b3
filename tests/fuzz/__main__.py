"""``python -m tests.fuzz``: many changed inputs; ``make fuzz`` runs 10,000."""

import argparse
import resource
import sys
import time

from .harness import fuzz
from .targets import TARGETS


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    parser.add_argument("--only", help="one target")
    args = parser.parse_args()
    targets = [t for t in TARGETS if args.only in (None, t.__name__)]
    start = time.monotonic()
    finds, lines, results = fuzz(targets, args.runs, args.seed, args.first)
    for find in finds:
        print(find)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{args.runs} inputs in {time.monotonic() - start:.0f} s: {lines} refused in a "
        f"line, {results} read, {len(finds)} finds; peak memory {peak:.1f} GB"
    )
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
