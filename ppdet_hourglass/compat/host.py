"""A tensor's values as a NumPy array."""

import numpy as np
import paddle
from paddle import Tensor

#: Whether Paddle's tensors can share their values; asked here, as --to_static cannot
#: trace the question.
SHARES = hasattr(Tensor, "__dlpack__")


def host_array(tensor: Tensor) -> np.ndarray:
    """Values of a tensor, to be read only.

    On a CPU Paddle 3 shares them instead of copying: for the heatmaps of an evaluation
    of 2958 people, the copies take half a second.
    """
    if SHARES and paddle.get_device() == "cpu":
        return np.from_dlpack(tensor.detach().contiguous())
    return tensor.numpy()
