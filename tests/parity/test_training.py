"""A short training through PaddleDetection's optimiser and schedule."""

from functools import cache

import numpy as np
import pytest
from paddle import nn
from ppdet.core.workspace import create, load_config

from ..conftest import ROOT
from .comparing import relative, sketch
from .inputs import RATE, STEPS, TRAINING, WARMUP, recipe_start, training_batch
from .networks import Network
from .tolerances import TABLE

#: Batch-norm's momentum: what stays of the old statistics after all steps.
KEPT = 0.9**STEPS


def schedule_and_builder(steps):
    """PaddleDetection's, from the recipe's config but for the warm-up's steps."""
    cfg = load_config(str(ROOT / "configs/hourglass_mpii_256.yml"))
    cfg["LearningRate"]["schedulers"][1].steps = steps
    return create("LearningRate")(step_per_epoch=347), create("OptimizerBuilder")


def values_per_channel(network):
    """How many values each batch-norm averages over, by its name."""
    counts = {}

    def note(name):
        def hook(layer, inputs, output):
            counts[name] = int(np.prod(output.shape)) // output.shape[1]

        return hook

    for name, layer in network.named_sublayers():
        if isinstance(layer, nn.BatchNorm2D):
            layer.register_forward_post_hook(note(name))
    return counts


@cache
def train(precision, keys):
    """Rates and losses of each step, the network, mmpose's keys, and the counts."""
    # mmengine's warm-up has one step fewer than its ``end``: see below.
    schedule, builder = schedule_and_builder(WARMUP - 1)
    network = Network(TRAINING.num_stacks, **TRAINING.options)
    theirs = network.draw(keys, seed=2, start=recipe_start)
    network.to(dtype=precision).train()
    counts = values_per_channel(network)
    if precision == "float64":  # which Paddle's fused operation does not take
        builder.optimizer = {**builder.optimizer, "use_multi_tensor": False}
    optimizer = builder(schedule, network)
    rates, losses = [], []
    for step in range(STEPS):
        rates.append(optimizer.get_lr())
        loss = network.loss(training_batch(step, precision))
        loss.backward()
        optimizer.step()
        schedule.step()
        optimizer.clear_grad()
        losses.append(float(loss))
    return rates, losses, network, theirs, counts


@pytest.fixture
def state(reference):
    """mmpose's weights and statistics after the training."""
    return reference("training", "state/")


@pytest.fixture
def trained(config, state):
    return train(TRAINING.precision, tuple(state))


def test_loss_curve(trained, reference, deviation):
    rates, losses, *_ = trained
    theirs = reference("training")
    assert rates == pytest.approx(theirs["rates"], rel=1e-9)
    for ours, loss in zip(losses, theirs["losses"]):
        deviation(TABLE["training"], relative(ours, loss))
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.slow
def test_loss_curve_in_float32(config, state, reference, deviation):
    _, losses, *_ = train("float32", tuple(state))
    for ours, loss in zip(losses, reference("training")["losses"]):
        deviation(TABLE["training"], relative(ours, loss))


def test_weights(trained, state, deviation):
    _, _, network, names, _ = trained
    for key, weight in network.named_parameters():
        if weight.trainable:
            name = names[key]
            ours = sketch(weight.numpy(), name)
            deviation(TABLE["training"], relative(ours, state[name]), name)


def test_batch_norm_statistics(trained, state, deviation):
    """PyTorch's running variance is the unbiased one, of n - 1; Paddle's of n."""
    _, _, network, names, counts = trained
    ours = network.state_dict()
    assert len(counts) == sum("_mean" in key for key in ours) - 2  # the unused link
    for name, count in counts.items():
        mean, variance = f"{name}._mean", f"{name}._variance"
        figure = relative(ours[mean].numpy(), state[names[mean]])
        deviation(TABLE["training"], figure, name)
        unbiased = KEPT + (ours[variance].numpy() - KEPT) * count / (count - 1)
        deviation(TABLE["training"], relative(unbiased, state[names[variance]]), name)


def test_warm_up_ends_one_step_later_than_mmengines(config, reference):
    """Both start at 5e-7; mmengine's ``end=500`` reaches 5e-4 at step 499."""
    theirs = reference("training")["recipe_rates"]
    schedules = {steps: schedule_and_builder(steps)[0] for steps in (500, 499)}
    rates = {steps: [] for steps in schedules}
    for steps, schedule in schedules.items():
        for _ in theirs:
            rates[steps].append(schedule())
            schedule.step()
    assert rates[499] == pytest.approx(theirs, rel=1e-9)
    late = 1 - np.array(rates[500]) / theirs
    assert late[0] == pytest.approx(0, abs=1e-9) and (late[1:500] > 0.001).all()
    assert late[500:] == pytest.approx(0, abs=1e-9)
    assert late.max() == pytest.approx(0.002, abs=1e-5)
    assert theirs[499] == pytest.approx(RATE)
