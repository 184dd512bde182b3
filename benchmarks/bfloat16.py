"""Short training runs in emulated bfloat16 and in float32, with several seeds.

    python -m benchmarks bfloat16 --dataset dataset/sample --steps 150

The outputs of all layers, the weights of convolutions and all their gradients are
rounded to bfloat16, as in mixed precision; CPUs have no mixed precision in Paddle.
"""

import argparse
import statistics
from typing import Any, Dict, List

from .report import Goal, Result


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument("-c", "--config", default="configs/hourglass_sample.yml")
    parser.add_argument("--dataset", default="dataset/sample")
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])


def measure(args: argparse.Namespace) -> Result:
    """Mean loss of the last fifth of the steps, for each precision and seed."""
    from ppdet_hourglass.cli.runner import set_up_process

    if len(args.seeds) < 2:
        raise SystemExit("--seeds needs two or more: their spread is the measure")
    set_up_process(threads=1)
    ends: Dict[str, List[float]] = {"float32": [], "bfloat16": []}
    for seed in args.seeds:
        for precision, found in ends.items():
            losses = train(args, seed, rounded=precision == "bfloat16")
            found.append(statistics.mean(losses[-args.steps // 5 :]))
    facts = {
        f"loss, {precision}": " ".join(f"{loss:.6f}" for loss in found)
        for precision, found in ends.items()
    }
    spread = max(ends["float32"]) - min(ends["float32"])
    difference = statistics.mean(ends["bfloat16"]) - statistics.mean(ends["float32"])
    goal = Goal(
        "bfloat16's loss beyond float32's, of the spread over seeds",
        difference / spread,
        at_most=1.0,
    )
    return Result({}, [goal], facts)


def train(args: argparse.Namespace, seed: int, rounded: bool) -> List[float]:
    """Losses of a run of ``args.steps`` steps."""
    import numpy as np
    import paddle
    from ppdet.engine import Trainer

    import ppdet_hourglass.plugin  # noqa: F401
    from ppdet_hourglass.compat.config import config_scope, load

    np.random.seed(seed)
    paddle.seed(seed)
    options = [f"dataset_dir={args.dataset}", "use_gpu=false", "worker_num=0"]
    losses: List[float] = []
    with config_scope():
        trainer = Trainer(load(args.config, options), mode="train")
        if rounded:
            round_layers(trainer.model)
        trainer.model.train()
        for batch, _ in zip(trainer.loader, range(args.steps)):
            loss = trainer.model(batch)["loss"]
            loss.backward()
            trainer.optimizer.step()
            trainer.lr.step()
            trainer.optimizer.clear_grad()
            losses.append(float(loss))
    return losses


def round_layers(network: Any) -> None:
    """Round what layers give, the weights that convolutions take, and gradients."""
    import paddle
    import paddle.nn as nn
    from paddle.autograd import PyLayer

    def to_bfloat16(x: Any) -> Any:
        return x.astype("bfloat16").astype("float32")

    class Rounded(PyLayer):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return to_bfloat16(x)

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            return to_bfloat16(gradient)

    def convolve(conv: nn.Conv2D, x: Any) -> Any:
        y = paddle.nn.functional.conv2d(
            to_bfloat16(x) if x.stop_gradient else x,
            Rounded.apply(conv.weight),
            conv.bias,
            conv._stride,
            conv._updated_padding,
        )
        return Rounded.apply(y)

    for layer in network.sublayers():
        if isinstance(layer, nn.Conv2D):
            layer.forward = lambda x, conv=layer: convolve(conv, x)
        elif isinstance(layer, (nn.BatchNorm2D, nn.ReLU)):
            layer.register_forward_post_hook(lambda _, __, y: Rounded.apply(y))
