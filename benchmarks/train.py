"""A training step, compared with mmpose's in PyTorch; on a GPU, whole training runs.

    python -m benchmarks train
    python -m benchmarks train --gpu --dataset dataset/mpii

The first takes turns on a CPU.  The second trains 60 steps of each config in float32
and in mixed precision, with the config's own loader; the authors had no GPU and ran it
on a CPU only.  Run as a module, it is one way: ``benchmarks.train NETWORK BATCH``.
"""

import argparse
import os
from typing import Any, Callable, Dict

from .report import Goal, Result
from .workers import ROOT, Way, in_turn, serve

PEER = os.path.join(ROOT, ".venv-parity", "bin", "python")

#: Config, batch, and largest ratio to PyTorch's time, of each network.
NETWORKS = {
    "full": ("configs/hourglass_mpii_256.yml", 4, 1.6),
    "sample": ("configs/hourglass_sample.yml", 16, 1.3),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument("--networks", nargs="*", default=list(NETWORKS))
    parser.add_argument("--peer", default=PEER, help="interpreter that has mmpose")
    parser.add_argument("--gpu", action="store_true", help="train on a GPU")
    parser.add_argument("--dataset", help="with --gpu: folder in MPII's layout")
    parser.add_argument(
        "--configs",
        nargs="*",
        default=["configs/hourglass_mpii_256.yml", "configs/hourglass8_mpii_256.yml"],
        help="with --gpu",
    )
    parser.add_argument("-o", "--opt", nargs="*", default=[], help="with --gpu")


def measure(args: argparse.Namespace) -> Result:
    """Time steps of both networks in turn, or a training on the GPU."""
    if args.gpu:
        return Result({}, goals=[], facts=gpu_facts(args))
    summaries: Dict[str, Any] = {}
    goals = []
    for name in args.networks:
        _, batch, limit = NETWORKS[name]
        own, peer = f"{name}, batch {batch}", f"{name}, batch {batch}, mmpose"
        ways = [
            Way(own, __name__, [name, batch], env={"OMP_NUM_THREADS": "1"}),
            Way(peer, "benchmarks.train_mmpose", [name, batch], python=args.peer),
        ]
        times = in_turn(ways, args.rounds)
        summaries.update(times)
        ratio = times[own]["seconds"] / times[peer]["seconds"]
        goals.append(Goal(f"training step, {name} network", ratio, at_most=limit))
    return Result(summaries, goals, facts={})


def training_step(name: str, batch: str) -> Callable[[], None]:
    """A step as ``train`` takes it on a CPU, on random pixels."""
    from ppdet_hourglass.cli.runner import set_up_process

    set_up_process(threads=1)
    import paddle
    from ppdet.core.workspace import create

    import ppdet_hourglass.plugin  # noqa: F401
    from ppdet_hourglass.compat.config import load
    from ppdet_hourglass.training.steps import share_cores

    config, _, _ = NETWORKS[name]
    cfg = load(os.path.join(ROOT, config), ["use_gpu=false"])
    paddle.set_device("cpu")
    network = create(cfg.architecture)
    share_cores(network)
    trainable = [p for p in network.parameters() if p.trainable]
    optimiser = paddle.optimizer.Adam(5e-4, parameters=trainable)
    width, height = cfg.trainsize
    people = int(batch)
    inputs = {
        "image": paddle.randn([people, 3, height, width]),
        "target": paddle.rand([people, 16, height // 4, width // 4]),
        "target_weight": paddle.ones([people, 16, 1]),
    }

    def step() -> None:
        network(inputs)["loss"].backward()
        optimiser.step()
        optimiser.clear_grad()

    return step


def gpu_facts(args: argparse.Namespace) -> Dict[str, str]:
    """People a second, waiting and memory of each config, in float32 and AMP."""
    if not args.dataset:
        raise SystemExit("--gpu needs --dataset, a folder in MPII's layout")
    facts = {}
    for config in args.configs:
        for amp in ("false", "true"):
            options = [f"dataset_dir={args.dataset}", f"amp={amp}", *args.opt]
            way = Way(config, "benchmarks.train_gpu", [config, *options])
            way.close()
            found = way.warm_up
            facts[f"{os.path.basename(config)}, amp {amp}"] = (
                f"{found['people']:.1f} people/s, {found['waiting']:.0%} of the time "
                f"waiting for data, {found['MiB']:.0f} MiB on {found['device']}"
            )
    return facts


if __name__ == "__main__":
    serve(training_step)
