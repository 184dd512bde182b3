"""An exported model on each installed backend.

    python -m benchmarks backends output_inference/hourglass_mpii_256 --batch 1

Run as a module, it is one such way: ``benchmarks.backends FOLDER BACKEND BATCH``.
"""

import argparse
import importlib.util
from typing import Callable

from .report import Result
from .workers import Way, in_turn, serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument("model_dir", help="folder of the exported model")
    parser.add_argument("--batch", type=int, default=1, help="people at once")


def measure(args: argparse.Namespace) -> Result:
    """Time the network on random pixels."""
    from ppdet_hourglass.predict.backends import BACKENDS

    ways = [
        Way(backend, __name__, [args.model_dir, backend, args.batch])
        for backend in BACKENDS
        if importlib.util.find_spec(backend)
    ]
    return Result(in_turn(ways, args.rounds), goals=[], facts={"batch": args.batch})


def network_step(model_dir: str, backend: str, batch: str) -> Callable[[], None]:
    """One run of the network."""
    import numpy as np

    from ppdet_hourglass.predict.backends import Options
    from ppdet_hourglass.predict.model_spec import read_spec
    from ppdet_hourglass.predict.open_network import open_exported

    width, height = read_spec(model_dir).input_size
    pixels = np.random.default_rng(0).normal(size=(int(batch), 3, height, width))
    pixels = pixels.astype(np.float32)
    network = open_exported(model_dir, backend, Options())

    def step() -> None:
        network(pixels)

    return step


if __name__ == "__main__":
    serve(network_step)
