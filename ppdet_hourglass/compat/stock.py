"""All that depends on the version of the installed PaddleDetection and Paddle.

No other module asks for a version.
"""

from contextlib import contextmanager
from typing import Any, Iterator, Tuple

import numpy as np
import paddle
from ppdet.core.workspace import global_config
from ppdet.data.transform.keypoint_operators import ToHeatmapsTopDown
from ppdet.utils.logger import setup_logger

from ..errors import UserError

logger = setup_logger(__name__)

#: The package's architectures, as configs name them.
ARCHITECTURES = ("TopDownHourglass",)

#: Config keys of the data sets.
DATASETS = ("TrainDataset", "EvalDataset", "TestDataset")

#: PaddleDetection's metric of COCO's average precision.
STOCK_AP = "KeyPointTopDownCOCOEval"


def _joints_key() -> str:
    """The sample key from which the installed transforms read joints."""
    names = ToHeatmapsTopDown.__call__.__code__.co_consts
    for key in ("gt_joints", "joints"):
        if key in names:
            return key
    raise ImportError(
        "PaddleDetection's ToHeatmapsTopDown reads neither 'gt_joints' nor 'joints': "
        "this version is not supported by ppdet_hourglass"
    )


JOINTS_KEY = _joints_key()


def is_ours(config: Any) -> bool:
    """Whether a config uses one of the package's architectures."""
    return config.get("architecture") in ARCHITECTURES


def require_ours(config: Any) -> None:
    """Raise :class:`UserError` unless a config uses one of these architectures."""
    if not is_ours(config):
        raise UserError(
            f"config key 'architecture' must be {ARCHITECTURES[0]}, but is "
            f"{config['architecture']}"
        )


def config_value(key: str) -> Any:
    """A top-level key of the loaded config, ``-o`` included; None if absent."""
    return global_config.get(key)


@contextmanager
def replaced(owner: Any, **attributes: Any) -> Iterator[None]:
    """Set attributes of a module, class or object, and restore them afterwards."""
    before = {name: vars(owner)[name] for name in attributes if name in vars(owner)}
    for name, value in attributes.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name in attributes:
            if name in before:
                setattr(owner, name, before[name])
            else:
                delattr(owner, name)


def choose_device(cfg: Any) -> str:
    """Set the device that the config asks for; the CPU instead of a missing GPU.

    Returns:
        The device's name, as ``paddle.set_device`` takes it.
    """
    has_gpu = paddle.is_compiled_with_cuda() and paddle.device.cuda.device_count() > 0
    if cfg.use_gpu and not has_gpu:
        logger.warning("this Paddle can use no GPU: running on the CPU")
        cfg.use_gpu = False
    chosen = [name for name in ("gpu", "npu", "xpu", "mlu") if cfg[f"use_{name}"]]
    device = chosen[0] if chosen else "cpu"
    paddle.set_device(device)
    return device


def host_array(tensor: paddle.Tensor) -> np.ndarray:
    """A tensor as an array to read, without a copy if Paddle runs on the CPU.

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
