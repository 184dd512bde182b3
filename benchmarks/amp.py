"""Error of float16 and bfloat16 gradients, emulated on a CPU.

    python -m benchmarks amp --dataset dataset/mpii --batch 4

Mixed precision (O1) hands gradients from operator to operator in 16 bits.  So each
gradient of an operator's output, and of a convolution's weights, is rounded here,
multiplied by the loss scale, as the backward pass reaches it.  Shares are those of the
elements that are not zero in float32.  Gradients are as small as in the config's batch,
of which a few people are computed.
"""

import argparse
from typing import Any, Callable, Dict, List, Optional

from .report import Result

#: Smallest numbers of float16, subnormal and normal, and its largest.
TINY, NORMAL, LARGEST = 2.0**-24, 2.0**-14, 65504.0
SCALES = range(10, 25, 2)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument("-c", "--config", default="configs/hourglass_mpii_256.yml")
    parser.add_argument("--dataset", required=True, help="folder in MPII's layout")
    parser.add_argument("--people", default="annotations/mpii_train.json")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("-o", "--opt", nargs="*", default=[], help="as for train")


def measure(args: argparse.Namespace) -> Result:
    """One backward pass of a batch of real people for each precision and scale."""
    from ppdet_hourglass.cli.runner import set_up_process

    set_up_process(threads=1)
    backward = _backward(args)
    exact = backward(lambda gradient: gradient)
    facts = {}
    for power in SCALES:
        flush = Rounding("float16", 2.0**power)
        error = _error(backward(flush), exact)
        facts[f"float16, scale 2^{power}"] = f"{flush.shares()}; {error}"
    rounded = backward(Rounding("bfloat16", 1.0))
    facts["bfloat16"] = _error(rounded, exact)
    return Result({}, goals=[], facts=facts)


class Rounding:
    """Rounds gradients, and counts what float16 flushes.

    Args:
        dtype: ``float16`` or ``bfloat16``.
        scale: loss scale.
    """

    def __init__(self, dtype: str, scale: float) -> None:
        self.dtype, self.scale = dtype, scale
        self.total = self.flushed = self.subnormal = self.overflown = 0

    def __call__(self, gradient: Any) -> Any:
        scaled = gradient * self.scale
        size = scaled.abs()
        self.total += int((size > 0).sum())
        self.flushed += int(((size > 0) & (size < TINY)).sum())
        self.subnormal += int(((size >= TINY) & (size < NORMAL)).sum())
        self.overflown += int((size > LARGEST).sum())
        return scaled.astype(self.dtype).astype("float32") / self.scale

    def shares(self) -> str:
        """Shares of the elements so far, in words."""
        counts = {"flushed": self.flushed, "subnormal": self.subnormal}
        shares = [f"{name} {n / self.total:.2%}" for name, n in counts.items()]
        return ", ".join([*shares, f"overflown {self.overflown}"])


def _error(rounded: List[Any], exact: List[Any]) -> str:
    """Euclidean norm of the weights' gradients' error, relative to their norm."""
    import numpy as np

    error = sum(float(((a - b) ** 2).sum()) for a, b in zip(rounded, exact))
    error = (error / sum(float((b**2).sum()) for b in exact)) ** 0.5
    pairs = [(a, b) for a, b in zip(rounded, exact) if (b**2).sum() > 0]
    layers = [float((((a - b) ** 2).sum() / (b**2).sum()) ** 0.5) for a, b in pairs]
    return f"error {error:.2%}, of the median layer {np.median(layers):.2%}"


def _backward(args: argparse.Namespace) -> Callable[[Callable], List[Any]]:
    """A function that runs the backward pass and returns all weights' gradients."""
    import paddle
    from ppdet.core.workspace import create

    import ppdet_hourglass.plugin  # noqa: F401
    from ppdet_hourglass.compat.config import load

    cfg = load(args.config, [f"dataset_dir={args.dataset}", *args.opt])
    batch = real_batch(cfg, args.people, args.batch)
    paddle.set_device("cpu")
    paddle.seed(0)
    network = create(cfg.architecture)
    rounding: Dict[str, Optional[Callable]] = {}

    def hook(gradient: Any) -> Any:
        return rounding["now"](gradient)

    def watch(layer: Any, inputs: Any, output: Any) -> None:
        if not output.stop_gradient:
            output.register_hook(hook)

    for layer in network.sublayers():
        if isinstance(layer, (paddle.nn.Conv2D, paddle.nn.BatchNorm2D, paddle.nn.ReLU)):
            layer.register_forward_post_hook(watch)
        if isinstance(layer, paddle.nn.Conv2D) and layer.weight.trainable:
            layer.weight.register_hook(hook)
    # The loss is a mean over people: in a larger batch, each one's share is smaller.
    loss = network(batch)["loss"] * (args.batch / cfg.TrainReader["batch_size"])

    def backward(function: Callable) -> List[Any]:
        rounding["now"] = function
        network.clear_gradients()
        loss.backward(retain_graph=True)
        return [p.grad.numpy() for p in network.parameters() if p.grad is not None]

    return backward


def real_batch(cfg: Any, people: str, size: int) -> Dict[str, Any]:
    """A batch of the config's training reader: people of a file, augmented.

    Args:
        cfg: the config.
        people: annotation file, below the config's ``dataset_dir``.
        size: of the batch; people are repeated if the file has fewer.
    """
    import numpy as np
    import paddle
    from ppdet.data.reader import Compose

    from ppdet_hourglass.data.config_facts import fill_config

    fill_config(cfg)
    cfg.TrainDataset.anno_path = people
    cfg.TrainDataset.check_or_download_dataset()
    cfg.TrainDataset.parse_dataset()
    reader, data = cfg.TrainReader, cfg.TrainDataset
    np.random.seed(0)
    data.set_transform(
        Compose(reader["sample_transforms"] + reader["batch_transforms"])
    )
    samples = [data[i % len(data)] for i in range(size)]
    names = ("image", "target", "target_weight")
    return {n: paddle.to_tensor(np.stack([s[n] for s in samples])) for n in names}
