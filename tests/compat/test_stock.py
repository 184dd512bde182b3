"""What is relied on in PaddleDetection and Paddle, and arrays from the device."""

import gc
import types

import numpy as np
import paddle
import pytest

from ppdet_hourglass.compat import stock
from ppdet_hourglass.compat.stock import host_array, replaced


def test_an_array_of_the_cpu_shares_the_tensors_memory():
    tensor = paddle.arange(6, dtype="float32").reshape([2, 3])
    array = host_array(tensor)
    assert array.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert np.shares_memory(array, host_array(tensor))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_the_memory_lives_as_long_as_the_array():
    array = host_array(paddle.full([1000], 7.0) + 1)
    gc.collect()
    paddle.full([1000], 0.0) + 1  # would take memory that was given back
    assert (array == 8).all()


def test_replaced_attributes_come_back():
    module = types.SimpleNamespace(f=min)
    with pytest.raises(RuntimeError), replaced(module, f=abs, g=max):
        assert module.f is abs and module.g is max
        raise RuntimeError
    assert module.f is min and not hasattr(module, "g")


def test_the_joints_key_follows_the_installed_transforms(monkeypatch):
    assert stock.JOINTS_KEY in ("joints", "gt_joints")

    class NewTransform:
        def __call__(self, sample):
            return sample["keypoints"]

    monkeypatch.setattr(stock, "ToHeatmapsTopDown", NewTransform)
    with pytest.raises(ImportError, match="neither 'gt_joints' nor 'joints'"):
        stock._joints_key()
