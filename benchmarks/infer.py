"""From image to joints, compared with the forward pass of mmpose's network in torch.

    python -m benchmarks infer --mpii ../shared/mpii

One hourglass-52 with random weights, one crop at a time, without the flip test.  Ours
also read the image, crop, standardise and decode; mmpose's is the forward pass alone.
``infer`` is the whole command on all images, with drawing and flip test, but without
starting the process and opening the model; it is compared with its network alone.

Run as a module, it is one such way: ``benchmarks.infer WAY FOLDER PICTURES``.
"""

import argparse
import importlib.util
import os
import sys
from typing import Any, Callable, List

from .report import Goal, Result
from .workers import ROOT, Way, in_turn, serve

MMPOSE, COMMAND, NETWORK = "mmpose, torch", "infer, whole command", "infer, network"

#: Backend and precision of each way.
OURS = {
    "auto fp32": ("auto", "fp32"),
    "paddle fp32": ("paddle", "fp32"),
    "onnxruntime fp32": ("onnxruntime", "fp32"),
    "openvino fp32": ("openvino", "fp32"),
    "paddle bf16": ("paddle", "bf16"),
    "openvino bf16": ("openvino", "bf16"),
    "openvino int8": ("openvino", "int8"),
}

#: Flags of processors that compute in bf16.
BF16 = ("avx512_bf16", "amx_bf16")

#: Way -> largest ratio to mmpose's time, and the instructions for which it is stated.
LIMITS = {
    "auto fp32": (1.0, ()),
    "openvino bf16": (0.5, BF16),
    "openvino int8": (0.3, ("avx512_vnni", "avx_vnni", "amx_int8")),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument(
        "--mpii",
        default=os.path.join(ROOT, "..", "shared", "mpii"),
        help="folder with test_images/",
    )
    parser.add_argument(
        "--peer-python",
        default=os.path.join(ROOT, ".venv-parity", "bin", "python"),
        help="Python of mmpose's environment, which `make parity` builds",
    )
    parser.add_argument("--only", nargs="*", help="ways to run, by default all")


def measure(args: argparse.Namespace) -> Result:
    """Time all ways that this processor has."""
    from .hourglass52 import exported

    pictures = os.path.abspath(os.path.join(args.mpii, "test_images"))
    folder = exported(pictures)
    python = dict.fromkeys([*OURS, COMMAND, NETWORK], sys.executable)
    python[MMPOSE] = os.path.abspath(args.peer_python)
    ways = [
        Way(way, __name__, [way, folder, pictures], python=python[way])
        for way in (MMPOSE, *OURS, COMMAND, NETWORK)
        if _runs_here(way) and (not args.only or way in args.only)
    ]
    times = in_turn(ways, args.rounds)
    ratios = {way: _ratio(times, way, MMPOSE) for way in times if way in OURS}
    goals = [
        Goal(f"{way} against mmpose", ratios[way], at_most=most)
        for way, (most, flags) in LIMITS.items()
        if way in ratios and _has_any(flags)
    ]
    if COMMAND in times and NETWORK in times:
        ratio = _ratio(times, COMMAND, NETWORK)
        goals.append(Goal("infer against its network alone", ratio, at_most=1.1))
    facts = {f"{way} / mmpose": round(ratio, 2) for way, ratio in ratios.items()}
    for way, (_, flags) in LIMITS.items():
        if not _has_any(flags):
            facts[f"no goal for {way}"] = f"no {' or '.join(flags)} here"
    return Result(times, goals, facts)


def _ratio(times: Any, way: str, other: str) -> float:
    return times[way]["seconds"] / times[other]["seconds"] if other in times else 0.0


def _runs_here(way: str) -> bool:
    backend, precision = OURS.get(way, ("auto", "fp32"))
    if backend != "auto" and importlib.util.find_spec(backend) is None:
        return False
    return precision != "bf16" or _has_any(BF16)


def _has_any(flags: Any) -> bool:
    """Whether the processor has one of these flags, if there are any."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return not flags or bool(set(flags) & set(file.read().split()))


def step_of(way: str, folder: str, pictures: str) -> Callable[[], None]:
    """What a way does once."""
    paths = [os.path.join(pictures, name) for name in sorted(os.listdir(pictures))]
    if way == MMPOSE:
        return _mmpose_step()
    if way in (COMMAND, NETWORK):
        return _command_step(way, folder, pictures)
    from ppdet_hourglass.cli.runner import set_up_process
    from ppdet_hourglass.predict.estimator import PoseEstimator

    set_up_process(threads=os.cpu_count() or 1)
    backend, precision = OURS[way]
    model = PoseEstimator.from_exported(
        folder, backend, 1, flip_test=False, precision=precision
    )
    return lambda: model(paths[0]) and None


def _mmpose_step() -> Callable[[], None]:
    import torch

    from tests.parity.references.network import Network

    network = Network(1).eval()
    image = torch.rand(1, 3, 256, 256)

    @torch.no_grad()
    def step() -> None:
        network(image)

    return step


def _command_step(way: str, folder: str, pictures: str) -> Callable[[], None]:
    """The loop of the command, or its network's runs on the same inputs."""
    from ppdet_hourglass.cli.options import CPU_BATCH
    from ppdet_hourglass.cli.runner import set_up_process
    from ppdet_hourglass.predict.estimator import PoseEstimator
    from ppdet_hourglass.predict.outputs import open_output
    from ppdet_hourglass.predict.run import predict_all
    from ppdet_hourglass.predict.sources import open_source

    set_up_process(threads=os.cpu_count() or 1)
    model = PoseEstimator.from_exported(folder, "auto", CPU_BATCH, precision="fp32")
    drawn = os.path.join(os.path.dirname(folder), "drawn")
    os.makedirs(drawn, exist_ok=True)

    def command() -> None:
        source = open_source(pictures)
        results = os.path.join(drawn, "keypoints_results.json")
        predict_all(
            source, lambda frame: None, model, results, open_output(source, drawn)
        )

    if way == COMMAND:
        return command
    network, seen = model.network, []  # type: ignore[var-annotated]
    model.network = lambda inputs: seen.append(inputs) or network(inputs)
    command()
    inputs: List[Any] = list(seen)
    return lambda: [network(batch) for batch in inputs] and None


if __name__ == "__main__":
    serve(step_of)
