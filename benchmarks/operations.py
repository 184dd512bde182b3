"""Operations of a training step, compared with mmpose's network in PyTorch.

    python -m benchmarks operations

Counted by both profilers on a CPU: Paddle's operators and gradient nodes, and PyTorch's
outermost ``aten`` operators.  Run as a module, it is one way of this project:
``benchmarks.operations FUSED``.
"""

import argparse
from typing import Any, Callable, Dict

from .report import Result
from .train import PEER
from .workers import Way, serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument("--peer", default=PEER, help="interpreter that has mmpose")


def measure(args: argparse.Namespace) -> Result:
    """Count the operations of hourglass-52 with Adam."""
    ways = [
        Way("one Adam a parameter", __name__, [0]),
        Way("fused Adam", __name__, [1]),
        Way("mmpose", "benchmarks.operations_mmpose", [], python=args.peer),
    ]
    facts = {}
    for way in ways:
        way.close()
        way.warm_up.pop("seconds")
        counts = ", ".join(f"{phase} {n}" for phase, n in way.warm_up.items())
        facts[way.name] = f"{counts}, together {sum(way.warm_up.values())}"
    return Result({}, goals=[], facts=facts)


def counted_step(fused: str) -> Callable[[], Dict[str, int]]:
    """A step whose three parts are counted."""
    from ppdet_hourglass.cli.runner import set_up_process

    set_up_process(threads=1)
    import paddle

    import ppdet_hourglass.plugin  # noqa: F401
    from ppdet_hourglass.modeling.backbones.hourglass_net import HourglassNet
    from ppdet_hourglass.modeling.heatmap_loss import HeatmapLoss
    from ppdet_hourglass.modeling.hourglass_head import HourglassHead
    from ppdet_hourglass.modeling.top_down_hourglass import (
        TopDownHourglass,
    )

    paddle.set_device("cpu")
    network = TopDownHourglass(HourglassNet(), HourglassHead(), HeatmapLoss())
    trainable = [p for p in network.parameters() if p.trainable]
    optimiser = paddle.optimizer.Adam(
        5e-4, parameters=trainable, use_multi_tensor=bool(int(fused))
    )
    inputs = {
        "image": paddle.randn([2, 3, 128, 128]),
        "target": paddle.rand([2, 16, 32, 32]),
        "target_weight": paddle.ones([2, 16, 1]),
    }

    def counted() -> Dict[str, int]:
        kept: Dict[str, Any] = {}
        return {
            "forward": _count(lambda: kept.update(network(inputs))),
            "backward": _count(lambda: kept["loss"].backward()),
            "optimiser": _count(optimiser.step),
        }

    def step() -> Dict[str, int]:
        counted()  # makes the optimiser's moments
        optimiser.clear_grad()
        return counted()

    return step


def _count(work: Callable[[], Any]) -> int:
    """Operators and gradient nodes that ``work`` runs."""
    from paddle.profiler import Profiler, ProfilerTarget
    from paddle.profiler.profiler_statistic import StatisticData

    with Profiler(targets=[ProfilerTarget.CPU]) as profiler:
        work()
    result = profiler.profiler_result
    data = StatisticData(result.get_data(), result.get_extra_info())
    items = data.event_summary.items.items()
    return sum(item.call for name, item in items if _is_operation(name))


def _is_operation(name: str) -> bool:
    bookkeeping = name.endswith("GradNodeAccumulation")
    return name.endswith(" dygraph") or ("Global_" in name and not bookkeeping)


if __name__ == "__main__":
    serve(counted_step)
