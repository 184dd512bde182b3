"""Threads that share convolutions give what Paddle's one thread gives."""

import numpy as np
import paddle
import paddle.nn as nn
import pytest

from ppdet_hourglass.modeling.threaded_conv import is_available, use_threads

pytestmark = pytest.mark.skipif(
    not is_available(), reason="Paddle 2 has no gradient of a convolution to call"
)


def run(layer, image):
    """Output, and gradients of the image and all parameters."""
    image = paddle.to_tensor(image, stop_gradient=False)
    output = layer(image)
    (output**2).sum().backward()
    gradients = [parameter.grad.numpy() for parameter in layer.parameters()]
    return [output.numpy(), image.grad.numpy(), *gradients]


@pytest.mark.parametrize("people", [1, 2, 5])
@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 3, "padding": 1, "bias_attr": False},
        {"kernel_size": 7, "stride": 2, "padding": 3},
        {"kernel_size": 1, "stride": 2},
    ],
)
def test_results_and_gradients_are_equal(people, options):
    layer = nn.Sequential(nn.Conv2D(3, 4, **options), nn.ReLU())
    image = np.random.RandomState(0).standard_normal((people, 3, 8, 12))
    expected = run(layer, image.astype("float32"))
    layer.clear_gradients()
    use_threads(layer, 3)
    for ours, stock in zip(run(layer, image.astype("float32")), expected):
        np.testing.assert_allclose(ours, stock, rtol=1e-5, atol=1e-5)


def test_the_image_itself_needs_no_gradient():
    layer = nn.Conv2D(3, 4, 3)
    use_threads(layer, 2)
    layer(paddle.ones([4, 3, 5, 5])).sum().backward()
    assert (layer.weight.grad.numpy() == 4 * 9).all()
    with paddle.no_grad():
        assert layer(paddle.ones([4, 3, 5, 5])).stop_gradient
