import numpy as np
import paddle
import pytest
from ppdet.data.transform.operators import NormalizeImage

from ppdet_hourglass.modeling.pixels import DevicePixels, normalise

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def test_pixels_are_the_stock_ones():
    image = np.random.default_rng(0).integers(0, 256, (2, 20, 30, 3)).astype(np.uint8)
    device = DevicePixels(MEAN, STD)
    ours = device.normalise(paddle.to_tensor(image))
    stock = NormalizeImage(MEAN, STD, is_scale=True).apply({"image": image})["image"]
    assert ours.dtype == paddle.float32 and ours.shape == [2, 3, 20, 30]
    assert np.abs(ours.numpy() - stock.transpose(0, 3, 1, 2)).max() < 1e-6
    np.testing.assert_array_equal(ours.numpy(), normalise(image[..., ::-1], MEAN, STD))
    np.testing.assert_array_equal(device.restore(ours), image)


def test_by_hand_from_blue_green_red():
    crops = np.full((1, 2, 2, 3), (0, 51, 255), np.uint8)
    planes = normalise(crops, (0.5, 0.2, 0.1), (0.5, 1.0, 0.1))
    assert planes.shape == (1, 3, 2, 2) and planes.dtype == np.float32
    assert planes[0, :, 0, 0] == pytest.approx([1, 0, -1], abs=1e-6)


def test_a_cast_network_leaves_it_in_full_precision():
    """``amp_level: O2`` casts all of a layer's buffers."""

    class Network(paddle.nn.Layer):
        def __init__(self):
            super().__init__()
            self.pixels = DevicePixels(MEAN, STD)

    network = Network()
    network.to(dtype="float16")
    assert network.state_dict() == {} and network.parameters() == []
    assert network.pixels.scale.dtype == network.pixels.bias.dtype == paddle.float32
