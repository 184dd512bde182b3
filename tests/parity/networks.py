"""This project's networks, with the weights that the references have."""

from typing import Callable, Dict, Iterable

import numpy as np
import paddle

import ppdet_hourglass.plugin  # noqa: F401
from ppdet_hourglass.convert.layouts import MMPOSE_1
from ppdet_hourglass.modeling.backbones.hourglass_net import HourglassNet
from ppdet_hourglass.modeling.heatmap_loss import HeatmapLoss
from ppdet_hourglass.modeling.hourglass_head import HourglassHead

from .inputs import FEATURES, NUM_JOINTS
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
        return sum(self.heatmap_loss(self(sample["image"]), *self.targets(sample)))

    def draw(
        self, keys: Iterable[str], seed: int, start: Callable = seeded_arrays
    ) -> Dict[str, str]:
        """Take the weights that the reference draws from ``seed``.

        Args:
            keys: mmpose's, of all weights and statistics.
            seed: as in the reference.
            start: makes the arrays from shapes and seed.

        Returns:
            mmpose's key for each of ours.
        """
        own = self.state_dict()
        theirs = their_keys(keys)
        assert set(theirs) == set(own)
        drawn = start({theirs[key]: tuple(own[key].shape) for key in own}, seed)
        self.set_state_dict({key: drawn[theirs[key]] for key in own})
        return theirs


def their_keys(keys: Iterable[str]) -> Dict[str, str]:
    """mmpose's key for each of ours, as the convert command maps them."""
    return {MMPOSE_1.rename(key): key for key in keys}


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
