"""A short training with mmpose's network, torch's Adam and mmengine's warm-up."""

from typing import Dict, Iterator

import numpy as np
import torch

from ..comparing import sketch
from ..inputs import (
    RATE,
    START_FACTOR,
    STEPS,
    TRAINING,
    WARMUP,
    recipe_start,
    state_shapes,
    training_batch,
)
from .network import Network


def make() -> Dict[str, np.ndarray]:
    """Rates, losses and, after the last step, the whole state."""
    network = Network(TRAINING.num_stacks, **TRAINING.options)
    network.load(recipe_start(state_shapes(network.state_dict()), seed=2))
    network.to(getattr(torch, TRAINING.precision)).train()
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    rates = _rates(optimizer, WARMUP)
    result = {"rates": [], "losses": []}
    for step in range(STEPS):
        result["rates"].append(next(rates))
        loss = network.loss(training_batch(step, TRAINING.precision))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        result["losses"].append(float(loss.detach()))
    for key in state_shapes(network.state_dict()):
        value = network.state_dict()[key].numpy()
        small = value if key.endswith(("_mean", "_var")) else sketch(value, key)
        result[f"state/{key}"] = small.astype(np.float32)
    result["recipe_rates"] = _recipe_rates()
    return {key: np.asarray(value) for key, value in result.items()}


def _rates(optimizer: torch.optim.Optimizer, warmup: int) -> Iterator[float]:
    """The rate of each step, set in the optimiser before it is given."""
    from mmengine.optim import LinearLR

    schedule = LinearLR(
        optimizer, start_factor=START_FACTOR, begin=0, end=warmup, by_epoch=False
    )
    while True:
        yield optimizer.param_groups[0]["lr"]
        schedule.step()


def _recipe_rates() -> np.ndarray:
    """Rates of steps 0 to 519 of mmpose's ``td-hm_hourglass52`` config."""
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.Adam([weight], lr=RATE)
    rates = _rates(optimizer, warmup=500)
    return np.array([_stepped(optimizer, rates) for _ in range(520)])


def _stepped(optimizer: torch.optim.Optimizer, rates: Iterator[float]) -> float:
    rate = next(rates)
    optimizer.step()
    return rate
