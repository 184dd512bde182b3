"""mmpose's ``HourglassNet``, ``CPMHead`` and ``KeypointMSELoss`` on seeded weights."""

from typing import Dict

import numpy as np
import torch

from .. import real_mmpose  # noqa: F401
from ..comparing import sketch
from ..inputs import (
    CASES,
    EVALUATION_PRECISION,
    FEATURES,
    NUM_JOINTS,
    Case,
    batch,
    state_shapes,
)
from ..seeded import seeded_arrays


class Network(torch.nn.Module):
    """Backbone, head and loss, as mmpose's estimator joins them."""

    def __init__(self, num_stacks: int, **options: object) -> None:
        super().__init__()
        from mmpose.models import CPMHead, HourglassNet

        self.backbone = HourglassNet(
            num_stacks=num_stacks, feat_channel=FEATURES, **options
        )
        self.head = CPMHead(FEATURES, NUM_JOINTS, num_stacks)

    def forward(self, image: torch.Tensor) -> list:
        return self.head(self.backbone(image))

    def loss(self, sample: Dict[str, np.ndarray]) -> torch.Tensor:
        image, target, weight = (
            torch.from_numpy(sample[key]) for key in ("image", "target", "weight")
        )
        stacks = self(image)
        return sum(self.head.loss_module(stack, target, weight) for stack in stacks)

    def load(self, arrays: Dict[str, np.ndarray]) -> None:
        """Take all weights and statistics from ``arrays``."""
        state = {key: torch.from_numpy(array) for key, array in arrays.items()}
        missing, unexpected = self.load_state_dict(state, strict=False)
        assert not unexpected and all("num_batches" in key for key in missing)


def make() -> Dict[str, np.ndarray]:
    """Heatmaps in both modes, the loss, and every gradient, of each case."""
    arrays = {}
    for name, case in CASES.items():
        network = Network(case.num_stacks, **case.options)
        shapes = state_shapes(network.state_dict())
        network.load(seeded_arrays(shapes, seed=1))
        arrays[f"{name}/keys"] = np.array(list(shapes))
        for key, array in _run(network, case).items():
            arrays[f"{name}/{key}"] = array
    return arrays


def _run(network: Network, case: Case) -> Dict[str, np.ndarray]:
    sample = batch(case.people, case.size, 0, EVALUATION_PRECISION)
    network.to(getattr(torch, EVALUATION_PRECISION)).eval()
    with torch.no_grad():
        result = {"eval": _first(network(torch.from_numpy(sample["image"])))}
    sample = batch(case.people, case.size, 0, case.precision)
    network.to(getattr(torch, case.precision)).train()
    result["train"] = _first(network(torch.from_numpy(sample["image"])))
    loss = network.loss(sample)
    loss.backward()
    result["loss"] = loss.detach().numpy()
    for name, parameter in network.named_parameters():
        if parameter.grad is not None:
            gradient = parameter.grad.numpy()
            result[f"gradient/{name}"] = sketch(gradient, name).astype(np.float32)
            result[f"whole_gradient/{name}"] = gradient.astype(np.float32)
    return result


def _first(heatmaps: list) -> np.ndarray:
    """(stacks, K, H/4, W/4) of the first person, whom batch-norm ties to the rest."""
    first = np.stack([heatmap[0].detach().numpy() for heatmap in heatmaps])
    return first.astype(np.float32)
