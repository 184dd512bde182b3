"""Flip test: the mirrored image's heatmaps, brought back.

Shapes: N people, K joints, H x W heatmap pixels.
"""

from typing import Sequence

import paddle
from paddle import Tensor


def flip_back(heatmaps: Tensor, flip_order: Sequence[int], shift: bool) -> Tensor:
    """Heatmaps of a mirrored image -> heatmaps of the image.

    Args:
        heatmaps: (N, K, H, W) of the mirrored image.
        flip_order: length K, where each joint's map is in the mirrored person.
        shift: move the result one pixel to the right.  The crop's middle lies
            between pixels, the heatmap's samples do not; mmpose and HRNet
            correct for that, the published Paddle reproduction does not.

    Returns:
        (N, K, H, W).
    """
    order = paddle.to_tensor(list(flip_order), dtype="int32")
    back = paddle.index_select(heatmaps, order, axis=1).flip([3])
    if not shift:
        return back
    return paddle.concat([back[..., :1], back[..., :-1]], axis=3)
