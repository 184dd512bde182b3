"""Time and peak memory of a training step by stacks, input and batch.

    python -m benchmarks scale --stacks 1 2 4 8 --sizes 256 384 512 --batches 1 2 4

Each of the three is varied alone, from the first of the others on.  Writes the plot
``build/benchmarks/scale.png`` too.  Run as a module, it is one such way:
``benchmarks.scale STACKS SIZE BATCH``.
"""

import argparse
import os
import resource
from typing import Any, Callable, Dict

from .report import RESULTS, Result
from .workers import Way, in_turn, serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument("--stacks", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 384, 512])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 2, 4])


def measure(args: argparse.Namespace) -> Result:
    """One way after another, as all at once may not fit into memory."""
    axes = {"stacks": args.stacks, "size": args.sizes, "batch": args.batches}
    first = {axis: values[0] for axis, values in axes.items()}
    ways: Dict[str, Any] = {}
    facts: Dict[str, str] = {}
    curves = {}
    for axis, values in axes.items():
        points = {}
        for value in values:
            point = {**first, axis: value}
            name = ", ".join(f"{key} {n}" for key, n in point.items())
            if name not in ways:
                way = Way(name, __name__, point.values())
                ways.update(in_turn([way], args.rounds))
            points[value] = ways[name]
        facts.update(_growth(axis, points))
        curves[axis] = points
    _plot(curves)
    return Result(ways, goals=[], facts=facts)


def _growth(axis: str, points: Dict[int, Dict[str, Any]]) -> Dict[str, str]:
    """Growth from the first point to each other, beside that of people x pixels."""
    values = list(points)
    start, facts = points[values[0]], {}
    for value in values[1:]:
        work = (value / values[0]) ** (2 if axis == "size" else 1)
        time = points[value]["seconds"] / start["seconds"]
        memory = points[value]["MiB"] / start["MiB"]
        facts[f"{axis} {values[0]} -> {value}"] = (
            f"work {work:.2f}x, time {time:.2f}x, memory {memory:.2f}x "
            f"({points[value]['MiB']:.0f} MiB)"
        )
    return facts


def _plot(curves: Dict[str, Dict[int, Dict[str, Any]]]) -> None:
    """A panel for each axis, with seconds on the left and memory on the right."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(
        1, len(curves), figsize=(4 * len(curves), 3), layout="constrained"
    )
    for seconds, (axis, points) in zip(panels, curves.items()):
        values, runs = list(points), points.values()
        seconds.plot(values, [run["seconds"] for run in runs], "o-", color="C0")
        seconds.set(xlabel=axis, ylabel="seconds a step", xlim=(0, None))
        seconds.set(xticks=values, ylim=(0, None))
        memory = seconds.twinx()
        memory.plot(values, [run["MiB"] / 1024 for run in runs], "s--", color="C1")
        memory.set(ylabel="GiB (dashed)", ylim=(0, None))
    os.makedirs(RESULTS, exist_ok=True)
    figure.savefig(os.path.join(RESULTS, "scale.png"), dpi=110)
    pyplot.close(figure)


def training_step(stacks: str, size: str, batch: str) -> Callable[[], Dict[str, Any]]:
    """One step of the paper's network; returns its peak memory in MiB."""
    from ppdet_hourglass.cli.runner import set_up_process

    set_up_process(threads=1)
    import paddle

    from ppdet_hourglass.modeling.backbones.stacked_hourglass import StackedHourglass

    paddle.set_device("cpu")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    network = StackedHourglass(num_stacks=int(stacks))
    optimiser = paddle.optimizer.RMSProp(2.5e-4, parameters=network.parameters())
    image = paddle.rand([int(batch), 3, int(size), int(size)])

    def step() -> Dict[str, Any]:
        sum((maps**2).mean() for maps in network(image)).backward()
        optimiser.step()
        optimiser.clear_grad()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {"MiB": (peak - before) / 1024}

    return step


if __name__ == "__main__":
    serve(training_step)
