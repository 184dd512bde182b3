"""Choice of the device that a command runs on."""

from typing import Any

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
