import numpy as np
import paddle
import pytest
from ppdet.data.transform.operators import NormalizeImage

from ppdet_hourglass.modeling.batch_input import BatchInput
from ppdet_hourglass.modeling.codec import HeatmapCodec

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def test_pixels_are_the_stock_ones():
    image = np.random.default_rng(0).integers(0, 256, (2, 20, 30, 3)).astype(np.uint8)
    ours = BatchInput(MEAN, STD).pixels(paddle.to_tensor(image)).numpy()
    stock = NormalizeImage(MEAN, STD, is_scale=True).apply({"image": image})["image"]
    assert ours.dtype == np.float32 and ours.shape == (2, 3, 20, 30)
    assert np.abs(ours - stock.transpose(0, 3, 1, 2)).max() < 1e-6


@pytest.mark.parametrize("size, stride", [((64, 64), (4, 4)), ((48, 64), (5.3, 3.0))])
def test_targets_equal_the_codecs_to_the_bit(size, stride):
    """And so the stock ones: tests of the codec compare it with them."""
    rng = np.random.default_rng(1)
    joints = rng.uniform(-40, 300, (20, 16, 3)).astype(np.float32)
    joints[..., 2] = rng.integers(0, 2, (20, 16))
    edge = np.arange(2, 258, 4, np.float32)  # half a heatmap pixel, and a hair less
    joints[:4, :, 0] = edge.reshape(4, 16)
    joints[4:8, :, 1] = np.nextafter(edge, np.float32(0)).reshape(4, 16)
    ours = BatchInput(MEAN, STD).targets(paddle.to_tensor(joints), stride, size)
    codecs = HeatmapCodec().encode(joints[..., :2], joints[..., 2], stride, size)
    assert (ours[0].numpy() == codecs[0]).all()
    assert (ours[1].numpy()[..., 0] == codecs[1]).all()
    assert ours[0].shape == [20, 16, *reversed(size)] and ours[0].max() == 1.0


def test_nothing_is_saved():
    layer = BatchInput(MEAN, STD)
    assert layer.state_dict() == {} and layer.parameters() == []
