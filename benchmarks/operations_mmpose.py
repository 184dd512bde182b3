"""Operations of a step of mmpose's network: a way of ``benchmarks.operations``."""

from typing import Any, Callable, Dict

import torch
from torch.profiler import ProfilerActivity, profile

from tests.parity.references.network import Network

from .workers import serve


def counted_step() -> Callable[[], Dict[str, int]]:
    """A step whose three parts are counted."""
    network = Network(1)
    # As PyTorch's Adam does by itself on a GPU.
    optimiser = torch.optim.Adam(network.parameters(), 5e-4, foreach=True)
    image, target = torch.randn(2, 3, 128, 128), torch.rand(2, 16, 32, 32)
    weight = torch.ones(2, 16)

    def counted() -> Dict[str, int]:
        kept: Dict[str, Any] = {}

        def forward() -> None:
            (heatmaps,) = network(image)
            kept["loss"] = network.head.loss_module(heatmaps, target, weight)

        return {
            "forward": _count(forward),
            "backward": _count(lambda: kept["loss"].backward()),
            "optimiser": _count(optimiser.step),
        }

    def step() -> Dict[str, int]:
        counted()  # makes the optimiser's moments
        optimiser.zero_grad()
        return counted()

    return step


def _count(work: Callable[[], Any]) -> int:
    """Outermost ``aten`` operators that ``work`` runs."""
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        work()
    events = [e for e in profiler.events() if e.name.startswith("aten::")]
    return sum(not _inside_operator(event) for event in events)


def _inside_operator(event: Any) -> bool:
    parent = event.cpu_parent
    while parent is not None and not parent.name.startswith("aten::"):
        parent = parent.cpu_parent
    return parent is not None


if __name__ == "__main__":
    serve(counted_step)
