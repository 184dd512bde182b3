"""``python -m benchmarks NAME``: measure, print, and write JSON; see docs/speed.md."""

import argparse
import importlib

from .report import show, verdicts, write_table

#: Benchmark -> what it measures.  Each is a module with ``add_arguments(parser)``, and
#: ``measure(args)``, which returns a ``report.Result``.
BENCHMARKS = {
    "amp": "error of 16-bit gradients, by loss scale",
    "bfloat16": "a short training run in emulated bfloat16 and in float32",
    "backends": "an exported model on each installed backend",
    "evaluate": "time of an evaluation beyond its network's",
    "infer": "from image to joints, compared with mmpose's network in torch",
    "input": "training input, from file to input and target, on one core",
    "loader": "people per second from the loader, by number of workers",
    "operations": "operations of a training step, compared with mmpose's",
    "readers": "PCKh of short runs with the stock and the fast reader",
    "recompute": "peak memory and time of a training step with recomputation",
    "scale": "time and memory of a training step by stacks, input and batch",
    "train": "a training step, compared with mmpose's; --gpu: whole training runs",
}

#: Benchmarks that `make bench` runs: those with goals that need no GPU.
WITH_GOALS = ("input", "train", "infer", "evaluate")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    for name, summary in BENCHMARKS.items():
        command = commands.add_parser(name, help=summary)
        command.add_argument("--rounds", type=int, default=7, help="runs of each way")
        importlib.import_module(f".{name}", __package__).add_arguments(command)
    commands.add_parser("all", help="all with goals; rewrites the table")
    args = parser.parse_args()
    if args.name != "all":
        show(args.name, measure(args))
        return
    results, before = {}, {name: verdicts(name) for name in WITH_GOALS}
    for name in WITH_GOALS:
        results[name] = measure(parser.parse_args([name]))
        show(name, results[name])
    write_table(results, before)


def measure(args: argparse.Namespace):
    """Run the benchmark that the arguments name."""
    return importlib.import_module(f".{args.name}", __package__).measure(args)


if __name__ == "__main__":
    main()
