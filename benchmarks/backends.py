"""Time an exported model on each installed backend, side by side in one run.

    python benchmarks/backends.py output_inference/hourglass_mpii_256 --batch 1

Backends take turns, so that other load on the machine meets all of them alike;
prints the median of each, and its ratio to the first.
"""

import argparse
import logging
import os
import sys
import time

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.predict.backends import BACKENDS, Options, open_network
from ppdet_hourglass.predict.export_folder import read_spec

logger = logging.getLogger(__name__)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model_dir", help="folder of the exported model")
    parser.add_argument("--batch", type=int, default=1, help="people at once")
    parser.add_argument("--threads", type=int, help="default: one per core")
    parser.add_argument("--rounds", type=int, default=15, help="runs of each backend")
    args = parser.parse_args()
    width, height = read_spec(args.model_dir).input_size
    inputs = np.random.default_rng(0).normal(size=(args.batch, 3, height, width))
    inputs = inputs.astype(np.float32)
    networks = {}
    for backend in BACKENDS:
        try:
            options = Options(threads=args.threads)
            networks[backend] = open_network(args.model_dir, backend, options)
            networks[backend](inputs)
        except UserError as error:
            logger.warning(f"{backend} left out: {error}")
    times = {backend: [] for backend in networks}
    for _ in range(args.rounds):
        for backend, network in networks.items():
            start = time.perf_counter()
            network(inputs)
            times[backend].append(time.perf_counter() - start)
    medians = {backend: float(np.median(spent)) for backend, spent in times.items()}
    first = next(iter(medians.values()), None)
    for backend, median in medians.items():
        logger.info(f"{backend:12} {1000 * median:8.1f} ms  {median / first:.2f}x")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main()
