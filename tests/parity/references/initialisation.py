"""How mmpose and PyTorch initialise their networks."""

from typing import Dict

import numpy as np
import torch

from .. import real_mmpose  # noqa: F401
from ..inputs import SHALLOW, batch, state_shapes
from .network import Network

SEEDS = 6

#: Inputs, outputs and kernel of some convolutions of the paper's network.
CONVOLUTIONS = ((3, 64, 7), (128, 64, 1), (64, 64, 3))


def make() -> Dict[str, np.ndarray]:
    """Spread of every weight and of the first heatmaps; batch-norm's figures.

    ``spread`` holds, for each of ``keys``, mean and standard deviation over all seeds;
    ``heatmaps_<mode>`` the standard deviation per seed and stack; ``default_conv``
    what :func:`default_conv` says.
    """
    heatmaps: Dict[str, list] = {"eval": [], "train": []}
    weights: Dict[str, list] = {}
    image = torch.from_numpy(batch(4, 32, seed=0)["image"])
    for seed in range(SEEDS):
        torch.manual_seed(seed)
        network = Network(2, **SHALLOW)
        network.backbone.init_weights()
        network.head.init_weights()
        for key in state_shapes(network.state_dict()):
            value = network.state_dict()[key].numpy().copy()
            weights.setdefault(key, []).append(value)
        for mode, spreads in heatmaps.items():
            network.train(mode == "train")
            with torch.no_grad():
                spreads.append([float(stack.std()) for stack in network(image)])
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    return {
        "keys": np.array(list(weights)),
        "spread": np.array([[np.mean(w), np.std(w)] for w in weights.values()]),
        "heatmaps_train": np.array(heatmaps["train"]),
        "heatmaps_eval": np.array(heatmaps["eval"]),
        "batch_norm": np.array(sorted({(norm.momentum, norm.eps) for norm in norms})),
        "default_conv": np.array([default_conv(*conv) for conv in CONVOLUTIONS]),
    }


def default_conv(inputs: int, outputs: int, kernel: int) -> list:
    """Deviation and bound of PyTorch's own weight and bias, times sqrt(fan-in)."""
    conv = torch.nn.Conv2d(inputs, outputs, kernel)
    fan_in = inputs * kernel**2
    figures = [[value.std(), value.abs().max()] for value in (conv.weight, conv.bias)]
    return [[float(f.detach()) * fan_in**0.5 for f in pair] for pair in figures]
