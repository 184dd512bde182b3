"""Training input, everything up to input and target, a person on one core.

    python -m benchmarks input --mpii ../shared/mpii

The images are MPII's own; the people are real ones whose crops fit into images of
that size.  Normalised pixels and heatmaps of this package, and mmpose's normalised
pixels, are made on the network's device and are not counted; PaddleDetection makes
both in the loader.

Run as a module, it is one such way: ``benchmarks.input WAY FOLDER PREPARED``.
"""

import argparse
import json
import os
import sys
import tempfile
from typing import Any, Callable, Dict, List, Tuple

from .report import Goal, Result
from .workers import ROOT, Way, in_turn, serve

STOCK, MMPOSE = "stock PaddleDetection", "mmpose"
ORIGINALS, PREPARED = "from originals", "prepared"

CONFIGS = {STOCK: "hourglass_mpii_256", ORIGINALS: "hourglass_mpii_256_fast"}
CONFIGS[PREPARED] = CONFIGS[ORIGINALS]

#: A way, another way, and how many times faster the first must be.
LEAST = (
    (PREPARED, STOCK, 10),
    (PREPARED, MMPOSE, 7),
    (ORIGINALS, STOCK, 2),
    (ORIGINALS, MMPOSE, 1.4),
)

#: mmpose's recipe, in its package.
RECIPE = (
    "body_2d_keypoint/topdown_heatmap/mpii/td-hm_hourglass52_8xb64-210e_mpii-256x256.py"
)

#: People on each picture, chosen from every 37th training person.
PEOPLE_PER_PICTURE, EVERY = 4, 37

#: How far a crop may reach beyond the picture, in picture sizes.
BEYOND = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument(
        "--mpii",
        default=os.path.join(ROOT, "..", "shared", "mpii"),
        help="folder with test_images/ and annotations/mpii_train.json",
    )
    parser.add_argument(
        "--peer-python",
        default=os.path.join(ROOT, ".venv-parity", "bin", "python"),
        help="Python of mmpose's environment, which `make parity` builds",
    )


def measure(args: argparse.Namespace) -> Result:
    """Time each way on the same people, after preparing them for the last one."""
    with tempfile.TemporaryDirectory() as folder:
        people = write_people(os.path.abspath(args.mpii), folder)
        prepared = prepare(folder)
        core = [min(os.sched_getaffinity(0))]
        interpreters = dict.fromkeys((STOCK, ORIGINALS, PREPARED), sys.executable)
        interpreters[MMPOSE] = os.path.abspath(args.peer_python)
        ways = [
            Way(way, __name__, [way, folder, prepared], python=python, cores=core)
            for way, python in interpreters.items()
        ]
        times = in_turn(ways, args.rounds)
    goals = []
    facts: Dict[str, Any] = {"people": people}
    for way, summary in times.items():
        facts[f"ms a person, {way}"] = round(1000 * summary["seconds"] / people, 2)
        facts[f"ms of the core, {way}"] = round(1000 * summary["cpu"] / people, 2)
    for way, peer, least in LEAST:
        by_wall, by_core = (
            times[peer][time] / times[way][time] for time in ("seconds", "cpu")
        )
        goals.append(Goal(f"{way} against {peer}", by_wall, at_least=least))
        facts[f"{way} against {peer}, the core's time"] = f"{by_core:.2f}x"
    return Result(times, goals, facts)


def write_people(mpii: str, folder: str, repeats: int = 1) -> int:
    """Write a data set of people on the real pictures; return their number."""
    import cv2

    pictures = os.path.join(mpii, "test_images")
    by_size: Dict[Tuple[int, int], List[str]] = {}
    for name in sorted(os.listdir(pictures)):
        height, width = cv2.imread(os.path.join(pictures, name)).shape[:2]
        by_size.setdefault((width, height), []).append(name)
    with open(os.path.join(mpii, "annotations", "mpii_train.json")) as file:
        records = json.load(file)[::EVERY]
    chosen: Dict[Tuple[int, int], List[Dict[str, Any]]] = {size: [] for size in by_size}
    for record in records:
        size = next((size for size in sorted(by_size) if fits(record, size)), None)
        if size is not None:
            names = by_size[size]
            if len(chosen[size]) < PEOPLE_PER_PICTURE * len(names):
                name = names[len(chosen[size]) % len(names)]
                chosen[size].append({**record, "image": name})
    people = sum(chosen.values(), []) * repeats
    os.symlink(pictures, os.path.join(folder, "images"))
    os.mkdir(os.path.join(folder, "annotations"))
    with open(os.path.join(folder, "annotations", "mpii_train.json"), "w") as file:
        json.dump(people, file)
    return len(people)


def fits(record: Dict[str, Any], size: Tuple[int, int]) -> bool:
    """Whether a person's crop and joints lie in a picture of this size."""
    half = 125 * record["scale"]
    x, y = record["center"][0], record["center"][1] + 15 * record["scale"]
    crop_fits = all(
        half - BEYOND * length <= middle <= (1 + BEYOND) * length - half
        for middle, length in zip((x, y), size)
    )
    joints = [
        joint for joint, seen in zip(record["joints"], record["joints_vis"]) if seen
    ]
    return crop_fits and all(jx < size[0] and jy < size[1] for jx, jy in joints)


def prepare(folder: str) -> str:
    """Cut the people out by the ``prepare`` command; return their folder."""
    from ppdet_hourglass.cli import main

    output = os.path.join(folder, "prepared")
    config = os.path.join(ROOT, "configs", f"{CONFIGS[PREPARED]}.yml")
    options = ["--output", output, "-o", f"dataset_dir={folder}"]
    if main(["prepare", "-c", config, *options]):
        raise SystemExit("prepare failed; its error is above")
    return output


def input_step(way: str, folder: str, prepared: str) -> Callable[[], None]:
    """One batch of all people."""
    import numpy as np

    batch = mmpose_batch(folder) if way == MMPOSE else batch_of(way, folder, prepared)

    def step() -> None:
        np.random.seed(0)
        batch()

    return step


def batch_of(way: str, folder: str, prepared: str) -> Callable[[], Any]:
    """A loader's work with one of the package's configs."""
    from ppdet.data.reader import BatchCompose, Compose

    cfg, dataset = data_set_of(way, folder, prepared)
    reader = cfg["TrainReader"]
    dataset.parse_dataset()
    dataset.set_transform(Compose(reader["sample_transforms"]))
    collate = BatchCompose(reader["batch_transforms"])
    return lambda: collate([dataset[index] for index in range(len(dataset))])


def data_set_of(way: str, folder: str, prepared: str) -> Tuple[Any, Any]:
    """Config of a way, and its data set, which is not read yet."""
    from ppdet_hourglass.cli.runner import set_up_process

    set_up_process(threads=1)
    from ppdet.data.source.keypoint_coco import KeypointTopDownMPIIDataset

    from ppdet_hourglass.compat.config import load
    from ppdet_hourglass.data.config_facts import fill_config
    from ppdet_hourglass.data.prepared import PreparedPeople

    path = os.path.join(ROOT, "configs", f"{CONFIGS[way]}.yml")
    cfg = load(path, [f"dataset_dir={folder}"])
    fill_config(cfg)
    if way == STOCK:
        annotations = "annotations/mpii_train.json"
        dataset = KeypointTopDownMPIIDataset(folder, "images", annotations, 16)
    elif way == PREPARED:
        dataset = PreparedPeople(prepared)
    else:
        dataset = cfg["TrainDataset"]
    return cfg, dataset


def mmpose_batch(folder: str) -> Callable[[], Any]:
    """A loader's work in mmpose's recipe."""
    import cv2
    import mmpose
    from mmengine import Config
    from mmengine.dataset import pseudo_collate
    from mmengine.registry import init_default_scope

    from tests.parity import real_mmpose  # noqa: F401

    cv2.setNumThreads(0)
    from mmpose.datasets import MpiiDataset

    init_default_scope("mmpose")
    path = os.path.join(os.path.dirname(mmpose.__file__), ".mim", "configs", RECIPE)
    dataset = MpiiDataset(
        ann_file=os.path.join(folder, "annotations/mpii_train.json"),
        data_prefix={"img": os.path.join(folder, "images/")},
        pipeline=Config.fromfile(path).train_pipeline,
    )
    return lambda: pseudo_collate([dataset[index] for index in range(len(dataset))])


if __name__ == "__main__":
    serve(input_step)
