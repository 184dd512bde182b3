"""Time of an evaluation beyond its network's: flip, average, decode, and PCKh.

    python -m benchmarks evaluate

The architecture and the metric are the real ones; the network is replaced by one that
has its heatmaps ready.  Mirroring the pixels is part of the network's second run, which
reads them in that order, and is measured by itself.  The 2958 people, as many as in
MPII's validation set, are drawn at random.

Run as a module, it is one such way: ``benchmarks.evaluate WAY FOLDER BATCH DECODER``.
"""

import argparse
import json
import os
from typing import Any, Callable, List

from .report import Goal, Result
from .workers import ROOT, Way, in_turn, serve

PEOPLE, JOINTS = 2958, 16
BEYOND, PCKH = "evaluation without its network", "PCKh alone"
MIRROR = "mirroring the pixels for the flip test"
ANNOTATIONS = "annotations/mpii_val.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument("--batch", type=int, default=32, help="people at once")
    parser.add_argument("--decoder", default="quarter", choices=("quarter", "dark"))


def measure(args: argparse.Namespace) -> Result:
    """Time a whole evaluation, and the metric's arithmetic alone."""
    folder = os.path.join(ROOT, "build", "benchmarks", "evaluate")
    _draw_people(folder)
    arguments = [folder, args.batch, args.decoder]
    ways = [Way(way, __name__, [way, *arguments]) for way in (BEYOND, PCKH, MIRROR)]
    times = in_turn(ways, args.rounds)
    goals = [
        Goal(
            f"evaluation of {PEOPLE} people beyond the network's time",
            times[BEYOND]["seconds"],
            at_most=1,
            unit=" s",
        ),
        Goal(
            f"PCKh of {PEOPLE} people",
            1000 * times[PCKH]["seconds"],
            at_most=50,
            unit=" ms",
        ),
    ]
    return Result(times, goals, facts={"batch": args.batch, "decoder": args.decoder})


def _draw_people(folder: str) -> None:
    """Write an annotation file in MPII's layout, and empty files as its images."""
    import numpy as np

    rng = np.random.default_rng(0)
    records = []
    os.makedirs(os.path.join(folder, "images"), exist_ok=True)
    os.makedirs(os.path.join(folder, "annotations"), exist_ok=True)
    for person in range(PEOPLE):
        name = f"{person:09}.jpg"
        open(os.path.join(folder, "images", name), "w").close()
        head = rng.uniform(200, 300, 2)
        records.append(
            {
                "image": name,
                "center": rng.uniform(300, 900, 2).tolist(),
                "scale": rng.uniform(1, 4),
                "joints": rng.uniform(1, 1000, (JOINTS, 2)).tolist(),
                "joints_vis": [1] * JOINTS,
                "head_box": [*head, *(head + rng.uniform(40, 90, 2))],
            }
        )
    with open(os.path.join(folder, ANNOTATIONS), "w", encoding="utf-8") as file:
        json.dump(records, file)


def evaluation_step(
    way: str, folder: str, batch: str, decoder: str
) -> Callable[[], None]:
    """One evaluation, or one computation of PCKh."""
    import numpy as np

    from ppdet_hourglass import plugin  # noqa: F401  (before Paddle: it imports cv2)
    from ppdet_hourglass.data.mpii_dataset import MPIIDataset
    from ppdet_hourglass.metrics.pck import pck
    from ppdet_hourglass.metrics.pck_metric import PCKh

    dataset = MPIIDataset(folder, anno_path=ANNOTATIONS, test_mode=True)
    metric = PCKh(dataset, output_eval=os.path.join(folder, "results"))
    if way == MIRROR:
        batches = _batches(dataset, int(batch))
        return lambda: [b["image"][..., ::-1].contiguous() for b in batches] and None
    if way == PCKH:
        joints = np.random.default_rng(1).uniform(0, 1000, (PEOPLE, JOINTS, 2))
        return lambda: pck(joints, metric.truth) and None
    return _whole(metric, _batches(dataset, int(batch)), decoder)


def _batches(dataset: Any, size: int) -> List[Any]:
    """What the loader gives, but for the images, which are one batch's."""
    import numpy as np
    import paddle

    centers = dataset.people.centers.astype(np.float32)
    scales = dataset.people.scales.astype(np.float32)
    image = paddle.rand([size, 3, 256, 256])
    batches = []
    for start in range(0, PEOPLE, size):
        people = np.arange(start, min(start + size, PEOPLE))
        batches.append(
            {
                "image": image[: len(people)],
                "person": paddle.to_tensor(people),
                "center": paddle.to_tensor(centers[people]),
                "scale": paddle.to_tensor(scales[people]),
            }
        )
    return batches


def _whole(metric: Any, batches: List[Any], decoder: str) -> Callable[[], None]:
    import paddle

    from ppdet_hourglass.modeling.top_down_hourglass import (
        TopDownHourglass,
    )

    model = TopDownHourglass(None, None, None, decoder=decoder)
    model.eval()
    whole = paddle.rand([len(batches[0]["image"]), JOINTS, 64, 64])
    ready = {len(batch["image"]): whole[: len(batch["image"])] for batch in batches}
    model.heatmaps = lambda image: [ready[len(image)]]

    def step() -> None:
        metric.reset()
        for batch in batches:
            metric.update(batch, model(batch))
        metric.accumulate()
        metric.log()
        metric.get_results()

    return step


if __name__ == "__main__":
    serve(evaluation_step)
