"""This project's networks, with the weights that the references have."""

from typing import Callable, Dict

import numpy as np
import paddle

import ppdet_hourglass.plugin  # noqa: F401
from ppdet_hourglass.modeling.backbones.hourglass_net import HourglassNet
from ppdet_hourglass.modeling.heads.hourglass_head import HourglassHead
from ppdet_hourglass.modeling.losses.heatmap_loss import HeatmapLoss

from .inputs import FEATURES, NUM_JOINTS
from .mmpose_keys import mmpose_key
from .seeded import seeded_arrays


class Network(paddle.nn.Layer):
    """Backbone, head and loss, as the architecture joins them."""

    def __init__(self, num_stacks: int, **options: object) -> None:
        super().__init__()
        options = {name: _listed(value) for name, value in options.items()}
        self.backbone = HourglassNet(num_stacks, feat_channels=FEATURES, **options)
        self.head = HourglassHead([FEATURES] * num_stacks, NUM_JOINTS)
        self.heatmap_loss = HeatmapLoss()

    def forward(self, image: np.ndarray) -> list:
        return self.head(self.backbone(paddle.to_tensor(image)))

    def targets(self, sample: Dict[str, np.ndarray]) -> tuple:
        """Target and weight of a batch from :func:`inputs.batch`, for the loss."""
        target, weight = (paddle.to_tensor(sample[k]) for k in ("target", "weight"))
        return target, weight.unsqueeze(-1)

    def loss(self, sample: Dict[str, np.ndarray]) -> paddle.Tensor:
        """Loss of a batch."""
        return self.heatmap_loss(self(sample["image"]), *self.targets(sample))

    def draw(self, seed: int, start: Callable = seeded_arrays) -> None:
        """Take the weights that the reference draws from ``seed``."""
        own = self.state_dict()
        shapes = {mmpose_key(key): tuple(value.shape) for key, value in own.items()}
        drawn = start(shapes, seed)
        self.set_state_dict({key: drawn[mmpose_key(key)] for key in own})


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
