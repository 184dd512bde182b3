"""``train`` with frozen batch norms; every process records what its steps saw.

Run as ``recorded_training.py FOLDER [FLAG ...] -c CONFIG -o ...``; process r writes
``FOLDER/r.npz``: losses (steps,), people (steps, batch), and the gradients of each
parameter at the first step.
"""

import sys

import numpy as np
from paddle import distributed as dist
from paddle import nn
from paddle.optimizer import Adam

from ppdet_hourglass import plugin  # noqa: F401
from ppdet_hourglass.cli import main
from ppdet_hourglass.modeling.backbones import blocks
from ppdet_hourglass.training.reading import OrderedBatches
from ppdet_hourglass.training.record import RunRecord
from ppdet_hourglass.training.steps import LossWatch

losses, people, gradients = [], [], {}
step, note, batches = Adam.step, LossWatch.note, OrderedBatches.__iter__


def recorded_step(self):
    if not gradients:
        learned = [p for p in self._parameter_list if not p.stop_gradient]
        gradients.update({p.name: p.grad.numpy() for p in learned})
    step(self)


def recorded_loss(self, status, figures):
    losses.append(figures["loss"].item())
    note(self, status, figures)


def recorded_batches(self):
    for batch in batches(self):
        people.append([int(index) for index in batch])
        yield batch


blocks.batch_norm = lambda channels: nn.BatchNorm2D(channels, use_global_stats=True)
Adam.step, LossWatch.note = recorded_step, recorded_loss
OrderedBatches.__iter__ = recorded_batches
RunRecord.begin = lambda self, *args: setattr(self, "started", True)
assert main(["train", *sys.argv[2:]]) == 0
path = f"{sys.argv[1]}/{dist.get_rank()}.npz"
np.savez(path, losses=losses, people=people, **gradients)
