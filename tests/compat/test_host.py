import numpy as np
import paddle

from ppdet_hourglass.compat.host import host_array


def test_values_of_a_tensor_and_of_a_mirrored_view():
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    tensor = paddle.to_tensor(values)
    tensor.stop_gradient = False
    assert (host_array(tensor) == values).all()
    assert (host_array(tensor[:, ::-1]) == values[:, ::-1]).all()


def test_they_outlive_the_tensor():
    array = host_array(paddle.full([1000, 1000], 3.0))
    paddle.zeros([1000, 1000])
    assert (array == 3).all()
