"""Batch-norm's figures and the initial weights."""

import numpy as np
import paddle
import pytest
from paddle import nn

from ppdet_hourglass.modeling.backbones.stacked_hourglass import StackedHourglass

from .inputs import SHALLOW, batch
from .networks import Network, their_keys

SEEDS = 6


@pytest.fixture(scope="module")
def networks():
    built = []
    for seed in range(SEEDS):
        paddle.seed(seed)
        built.append(Network(2, **SHALLOW))
    return built


def test_mean_and_deviation_of_every_weight(networks, reference):
    """Before the next test, which changes batch-norm's statistics."""
    theirs = reference("initialisation")
    spread = dict(zip(theirs["keys"].tolist(), theirs["spread"]))
    states = [network.state_dict() for network in networks]
    names = their_keys(spread)
    assert set(states[0]) == set(names)
    for key in states[0]:
        values = np.array([state[key].numpy() for state in states])
        mean, deviation = spread[names[key]]
        # Five standard errors of each estimate; nothing for constants.
        error = 5 * deviation / np.sqrt(values.size)
        assert values.mean() == pytest.approx(mean, abs=2 * error), key
        assert values.std() == pytest.approx(deviation, abs=1.5 * error), key


def test_scale_of_the_first_heatmaps(networks, reference):
    """Averaged over seeds, each of which alone varies by a fifth."""
    theirs = reference("initialisation")
    image = batch(4, 32, seed=0)["image"]
    for mode in ("eval", "train"):
        spreads = []
        for network in networks:
            getattr(network, mode)()
            with paddle.no_grad():
                spreads.append([float(stack.std()) for stack in network(image)])
        expected = np.mean(theirs[f"heatmaps_{mode}"], axis=0)
        assert np.mean(spreads, axis=0) == pytest.approx(expected, rel=0.25), mode


def test_batch_norm(reference):
    """PyTorch's momentum is the part of the new statistics, Paddle's of the old."""
    ((momentum, epsilon),) = reference("initialisation")["batch_norm"]
    paper = StackedHourglass(1, 1, 16, 1)
    for network in (Network(2, **SHALLOW), paper):
        layers = network.sublayers()
        norms = [layer for layer in layers if isinstance(layer, nn.BatchNorm2D)]
        assert norms
        for norm in norms:
            assert norm._momentum == pytest.approx(1 - momentum)
            assert norm._epsilon == pytest.approx(epsilon)


def test_the_papers_network_starts_as_torch_does(reference):
    """Weight and bias are uniform up to 1 / sqrt(fan-in)."""
    theirs = reference("initialisation")["default_conv"].mean(axis=0)
    assert theirs == pytest.approx(np.array([[3**-0.5, 1], [3**-0.5, 1]]), rel=0.1)
    paddle.seed(0)
    layers = StackedHourglass(2, 1, 128, 2).sublayers()
    convs = [layer for layer in layers if isinstance(layer, nn.Conv2D)]
    assert len(convs) > 60
    for conv in convs:
        weight, bias = conv.weight.numpy(), conv.bias.numpy()
        bound = np.prod(weight.shape[1:]) ** -0.5
        assert weight.std() == pytest.approx(theirs[0, 0] * bound, rel=0.05)
        for values in (weight, bias):
            assert 0.5 * bound < np.abs(values).max() <= bound
