"""People per second from the training loader, by its number of workers.

    python -m benchmarks loader --mpii ../shared/mpii --workers 0 1 2

The people are those of ``benchmarks.input``, many times over.  An epoch is read whole;
starting the workers is part of it.  Run as a module, it is one such way:
``benchmarks.loader WAY FOLDER PREPARED WORKERS``.
"""

import argparse
import os
import tempfile
from typing import Any, Callable, Dict

from . import input as people_on_pictures
from .report import Result
from .workers import Way, in_turn, serve

BATCH = 32


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    people_on_pictures.add_arguments(parser)
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--repeats", type=int, default=16, help="of each person")


def measure(args: argparse.Namespace) -> Result:
    """Time an epoch of each reader with each number of workers."""
    with tempfile.TemporaryDirectory() as folder:
        mpii = os.path.abspath(args.mpii)
        people_on_pictures.write_people(mpii, folder, args.repeats)
        prepared = people_on_pictures.prepare(folder)
        ways = [
            Way(f"{way}, {workers} workers", __name__, [way, folder, prepared, workers])
            for way in people_on_pictures.CONFIGS
            for workers in args.workers
        ]
        times = in_turn(ways, args.rounds)
    facts: Dict[str, Any] = {
        f"people/s, {way}": round(summary["people"] / summary["seconds"], 1)
        for way, summary in times.items()
    }
    return Result(times, goals=[], facts=facts)


def epoch_of(
    way: str, folder: str, prepared: str, workers: str
) -> Callable[[], Dict[str, int]]:
    """One epoch of the loader; returns the number of its people."""
    cfg, dataset = people_on_pictures.data_set_of(way, folder, prepared)
    from ppdet.core.workspace import create

    import ppdet_hourglass.plugin  # noqa: F401

    dataset.parse_dataset()
    cfg["TrainReader"]["batch_size"] = BATCH
    # The reader around the loader would begin the next epoch outside the timed step.
    loader = create("TrainReader")(dataset, int(workers)).dataloader

    def step() -> Dict[str, int]:
        return {"people": sum(len(batch["image"]) for batch in loader)}

    return step


if __name__ == "__main__":
    serve(epoch_of)
