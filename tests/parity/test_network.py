"""Outputs, loss and gradients of the network."""

import numpy as np
import pytest

from .comparing import relative, sketch
from .inputs import CASES, EVALUATION_PRECISION, batch
from .networks import Network
from .tolerances import TABLE


@pytest.fixture(scope="module", params=sorted(CASES))
def case(request, reference):
    """The case, our network of it, mmpose's keys by ours, what the reference gave."""
    case = CASES[request.param]
    network = Network(case.num_stacks, **case.options)
    theirs = reference("network", f"{request.param}/")
    keys = network.draw(theirs["keys"].tolist(), seed=1)
    return case, network, keys, theirs


def first(heatmaps):
    return np.stack([heatmap[0].numpy() for heatmap in heatmaps])


def test_heatmaps_in_evaluation_mode(case, deviation):
    case, network, _, theirs = case
    network.to(dtype=EVALUATION_PRECISION).eval()
    image = batch(case.people, case.size, 0, EVALUATION_PRECISION)["image"]
    deviation(TABLE["network"], relative(first(network(image)), theirs["eval"]))


def test_heatmaps_and_gradients_in_training_mode(case, deviation):
    case, network, keys, theirs = case
    network.to(dtype=case.precision).train()
    sample = batch(case.people, case.size, 0, case.precision)
    heatmaps = network(sample["image"])
    deviation(TABLE["network"], relative(first(heatmaps), theirs["train"]))
    loss = sum(network.heatmap_loss(heatmaps, *network.targets(sample)))
    loss.backward()
    deviation(TABLE["gradients"], relative(float(loss), theirs["loss"]))
    gradients = {
        keys[name]: parameter.grad.numpy()
        for name, parameter in network.named_parameters()
        if parameter.grad is not None
    }
    prefix = "gradient/"
    names = {key[len(prefix) :] for key in theirs if key.startswith(prefix)}
    assert set(gradients) == names
    for name, gradient in gradients.items():
        sketched = relative(sketch(gradient, name), theirs[prefix + name])
        deviation(TABLE["gradients"], sketched, name)
        if f"whole_{prefix}{name}" in theirs:
            whole = relative(gradient, theirs[f"whole_{prefix}{name}"])
            deviation(TABLE["gradients"], whole, name)
