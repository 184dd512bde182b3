"""Running a converted network once."""

import io
import logging
from typing import List

import numpy as np
import paddle

from ..errors import UserError
from .architecture import Architecture
from .network import build, heatmaps

logger = logging.getLogger(__name__)

#: Side of the image that the network is run on.
VERIFIED_PX = 256


def verify(content: bytes, architecture: Architecture) -> None:
    """Read weights back and run the network on a random image of a fixed seed.

    Args:
        content: a ``.pdparams`` file's.
        architecture: the network's.

    Raises:
        UserError: a stack's heatmaps are not finite, or have another size.
    """
    network = build(architecture)
    network.set_state_dict(paddle.load(io.BytesIO(content)))
    size = (1, 3, VERIFIED_PX, VERIFIED_PX)
    image = np.random.default_rng(0).standard_normal(size).astype(np.float32)
    check_heatmaps(heatmaps(network, image), architecture.num_joints)


def check_heatmaps(stacks: List[np.ndarray], joints: int) -> None:
    """Refuse heatmaps that are not finite or not (1, K, H/4, W/4)."""
    side = VERIFIED_PX // 4
    for number, heatmap in enumerate(stacks, start=1):
        if heatmap.shape != (1, joints, side, side) or not np.isfinite(heatmap).all():
            raise UserError(
                f"--verify: heatmaps of stack {number} must be finite, of shape "
                f"{(1, joints, side, side)}, but got {heatmap.shape} between "
                f"{heatmap.min()} and {heatmap.max()}"
            )
    logger.info(f"verified: {len(stacks)} stacks give finite heatmaps {side}x{side}")
