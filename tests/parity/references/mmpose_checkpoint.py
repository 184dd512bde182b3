"""mmpose's networks by their checkpoints' keys, with heatmaps from its own forward.

Depth, blocks and stacks of hourglass-52 and hourglass-104; narrower, so that the
weights are drawn in a second.
"""

import json
from typing import Any, Dict

import numpy as np
import torch

from .. import real_mmpose  # noqa: F401
from .newell import fill, image

NARROW = {"stage_channels": (256, 32, 32, 32, 32, 48)}

#: By name: stacks and joints (MPII's 16, COCO's 17).
RUNS = {"hourglass52_mpii": (1, 16), "hourglass104_coco": (2, 17)}
SIZE = 128

#: Of the kernels; each is normalised at once, unlike those of ``newell``.
GAIN = 1.0


class Estimator(torch.nn.Module):
    """Backbone and head under the names that mmpose's estimators give them.

    Args:
        stacks: hourglasses.
        joints: K.
        head: ``head`` in mmpose 1.x, ``keypoint_head`` in 0.x, whose
            ``TopdownHeatmapMultiStageHead`` has the same layers and keys.
        options: of the backbone.
    """

    def __init__(
        self, stacks: int, joints: int, head: str = "head", **options: Any
    ) -> None:
        super().__init__()
        from mmpose.models import CPMHead, HourglassNet

        self.backbone = HourglassNet(num_stacks=stacks, **options)
        self.add_module(head, CPMHead(256, joints, stacks))

    def forward(self, pixels: torch.Tensor) -> list:
        (head,) = [part for name, part in self.named_children() if "head" in name]
        return head(self.backbone(pixels))


def run(network: torch.nn.Module, size: int) -> np.ndarray:
    """Heatmaps in evaluation mode: (S, K, H/4, W/4)."""
    with torch.no_grad():
        return torch.cat(network.eval()(torch.from_numpy(image(size)))).numpy()


def make() -> Dict[str, np.ndarray]:
    """The gain, and for each run its keys and shapes, and its heatmaps."""
    arrays: Dict[str, np.ndarray] = {"gain": np.array(GAIN)}
    for name, (stacks, joints) in RUNS.items():
        network = Estimator(stacks, joints, **NARROW)
        arrays[f"{name}.shapes"] = np.array(json.dumps(fill(network, GAIN)))
        arrays[f"{name}.heatmaps"] = run(network, SIZE)
    return arrays
