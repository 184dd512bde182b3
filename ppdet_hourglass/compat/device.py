"""Choice of the device that a command runs on, and arrays from it."""

from typing import Any, Tuple

import numpy as np
import paddle
from ppdet.utils.logger import setup_logger

logger = setup_logger(__name__)


def choose_device(cfg: Any) -> str:
    """Set the device that the config asks for; the CPU instead of a missing GPU.

    Returns:
        The device's name, as ``paddle.set_device`` takes it.
    """
    has_gpu = paddle.is_compiled_with_cuda() and paddle.device.cuda.device_count() > 0
    if cfg.use_gpu and not has_gpu:
        logger.warning("no GPU that this Paddle can use: running on the CPU")
        cfg.use_gpu = False
    chosen = [name for name in ("gpu", "npu", "xpu", "mlu") if cfg[f"use_{name}"]]
    device = chosen[0] if chosen else "cpu"
    paddle.set_device(device)
    return device


def host_array(tensor: paddle.Tensor) -> np.ndarray:
    """A tensor as an array to read, which is not copied where Paddle runs on the CPU.

    ``Tensor.numpy()`` copies, which for the heatmaps of an evaluation takes longer
    than to find their peaks.
    """
    if paddle.get_device() != "cpu":  # --to_static cannot trace the tensor's place
        return tensor.numpy()
    return np.from_dlpack(_OnCPU(tensor))


class _OnCPU:
    """A tensor that numpy can read: Paddle 2's have no such methods of their own."""

    def __init__(self, tensor: paddle.Tensor) -> None:
        self.tensor = tensor

    def __dlpack__(self, **_: Any) -> Any:
        return paddle.utils.dlpack.to_dlpack(self.tensor)

    def __dlpack_device__(self) -> Tuple[int, int]:
        return 1, 0  # DLPack's number of the CPU
