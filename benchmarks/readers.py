"""PCKh of short runs with the stock transforms and with the fast reader.

    python -m benchmarks readers --dataset dataset/sample --seeds 0 1 2

Each run is that of ``tools/train.py --eval``, with the augmentation of the config's own
reader; ``prepared`` reads people whom ``prepare`` cropped.  The spread is that of the
stock transforms over the seeds.  A run takes five minutes.
"""

import argparse
import csv
import os
import statistics
import subprocess
import sys
from typing import Any, Dict, List

from .report import RESULTS, Goal, Result
from .workers import ROOT

FOLDER = os.path.join(RESULTS, "readers")
LEAF = """plugin: !!python/name:ppdet_hourglass.plugin.MANIFEST
_BASE_: [{config}]
TrainReader:
  sample_transforms:
  - TopDownCrop: {options}
  batch_transforms: []
"""
PREPARED_LEAF = """plugin: !!python/name:ppdet_hourglass.plugin.MANIFEST
_BASE_: [fast.yml]
TrainDataset: !PreparedPeople
  dataset_dir: {folder}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument("-c", "--config", default="configs/hourglass_sample.yml")
    parser.add_argument("--dataset", default="dataset/sample")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("-o", "--opt", nargs="*", default=[], help="of each training")


def measure(args: argparse.Namespace) -> Result:
    """Best Mean of each reader and seed, and how far the readers' means differ."""
    stock, fast = os.path.abspath(args.config), _fast_config(args.config)
    cut_out = os.path.join(FOLDER, "prepared")
    options = [f"dataset_dir={os.path.abspath(args.dataset)}", *args.opt]
    prepare = ["-m", "ppdet_hourglass", "prepare", "-c", fast, "--output", cut_out]
    run(*prepare, "-o", *options)
    prepared = os.path.join(FOLDER, "prepared.yml")
    with open(prepared, "w", encoding="utf-8") as file:
        file.write(PREPARED_LEAF.format(folder=cut_out))
    readers = {
        "stock": [stock, *options],
        "fast": [fast, *options],
        "prepared": [prepared, *options],
    }
    means: Dict[str, List[float]] = {name: [] for name in readers}
    for seed in args.seeds:
        for name, arguments in readers.items():
            means[name].append(best_mean(*arguments, f"seed={seed}"))
    facts: Dict[str, Any] = {
        f"Mean, {name}": f"{statistics.mean(found):.3f} "
        f"({', '.join(f'{mean:.3f}' for mean in found)})"
        for name, found in means.items()
    }
    spread = max(means["stock"]) - min(means["stock"])
    goals = [
        Goal(
            f"Mean with the reader {name!r}, difference from stock",
            abs(statistics.mean(means[name]) - statistics.mean(means["stock"])),
            at_most=round(spread, 3),
            unit=" points",
        )
        for name in ("fast", "prepared")
    ]
    return Result({}, goals, facts)


def _fast_config(config: str) -> str:
    """A leaf over a config, with the fast reader and the config's augmentation."""
    import ppdet_hourglass.plugin  # noqa: F401
    from ppdet_hourglass.compat.config import config_scope, load

    with config_scope():
        (options,) = (
            dict(transform["RandomFlipHalfBodyTransform"])
            for transform in load(config, []).TrainReader["sample_transforms"]
            if "RandomFlipHalfBodyTransform" in transform
        )
    os.makedirs(FOLDER, exist_ok=True)
    path = os.path.join(FOLDER, "fast.yml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(LEAF.format(config=os.path.abspath(config), options=options))
    return path


def best_mean(config: str, *options: str) -> float:
    """Highest Mean of a run's evaluations, in percent."""
    output = os.path.join(FOLDER, "output")
    run("tools/train.py", "-c", config, "--eval", "-o", *options, f"save_dir={output}")
    name = os.path.splitext(os.path.basename(config))[0]
    with open(os.path.join(output, name, "results.csv"), encoding="utf-8") as file:
        return max(float(row["Mean"]) for row in csv.DictReader(file))


def run(*arguments: str) -> None:
    """Run Python with these arguments in the repository; its log is not shown."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": ROOT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stdout)
