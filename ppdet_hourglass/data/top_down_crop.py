"""The fast training transform: the stock augmentation and crop in one warp.

Letters: K joints, H x W pixels of the crop.
"""

from dataclasses import dataclass, replace
from typing import Any, Dict

import cv2
import numpy as np
import ppdet.data.transform
from ppdet.core.workspace import serializable
from ppdet.data.transform.keypoint_operators import RandomFlipHalfBodyTransform
from ppdet.modeling.keypoint_utils import get_affine_transform

from ..compat.stock import JOINTS_KEY
from .crop import PIXELS_PER_SCALE
from .image_file import Sample

__all__ = ["TopDownCrop"]


@dataclass(frozen=True)
class Unread:
    """Stands in for an image in the stock transform, and notes whether it mirrors it.

    Attributes:
        shape: of the image.
        mirrored: whether ``[:, ::-1, :]``, which is all that the transform does, was
            taken of it.
    """

    shape: tuple
    mirrored: bool = False

    def __getitem__(self, mirror: Any) -> "Unread":
        return replace(self, mirrored=not self.mirrored)


@serializable
class TopDownCrop(RandomFlipHalfBodyTransform):
    """``RandomFlipHalfBodyTransform`` and ``TopDownAffine`` in one warp of the image.

    Its options and random numbers are those of ``RandomFlipHalfBodyTransform``, which
    draws them.  Of a :class:`~ppdet_hourglass.data.image_file.Sample` it reads no more
    than the crop shows; of other samples it takes the ``image``.

    A new sample has ``image`` (H, W, 3) uint8 RGB and ``joints`` (K, 3) float32: x and
    y in 0-based pixels of the crop, and 1 where annotated.  The architecture makes
    normalised pixels and heatmaps of them.
    """

    def __call__(self, sample: Dict[str, Any]) -> Dict[str, np.ndarray]:
        file = sample.file if isinstance(sample, Sample) else None
        height, width = file.size[::-1] if file else sample["image"].shape[:2]
        values = super().__call__({**sample, "image": Unread((height, width, 3))})
        size = values["scale"] * PIXELS_PER_SCALE
        crop = values["center"], size, values["rotate"], self.trainsize
        matrix = get_affine_transform(*crop)
        to_crop = np.vstack([matrix, [0, 0, 1]])
        if values["image"].mirrored:
            to_crop = to_crop @ [[-1, 0, width - 1], [0, 1, 0], [0, 0, 1]]
        input_size = tuple(map(int, self.trainsize))
        if file:
            # OpenCV takes half as long for four channels as for three.
            image, to_crop = file.read_for(to_crop, input_size)
            image = cv2.warpAffine(image, to_crop[:2], input_size)
            image = cv2.cvtColor(image, cv2.COLOR_RGBA2RGB)
        else:
            image = cv2.warpAffine(sample["image"], to_crop[:2], input_size)
        joints = crop_joints(values[JOINTS_KEY], values["joints_vis"][:, :1], matrix)
        return {"image": image, "joints": joints}


def crop_joints(
    joints: np.ndarray, visible: np.ndarray, matrix: np.ndarray
) -> np.ndarray:
    """Joints in the crop, placed as ``TopDownAffine`` places them.

    Args:
        joints: (K, 3) float32, x and y in the image.
        visible: (K, 1) 1 where annotated; other joints stay where they are.
        matrix: (2, 3) from the image to the crop.

    Returns:
        (K, 3) float32: x, y and ``visible``.
    """
    x, y = joints[:, :1].astype(np.float64), joints[:, 1:2].astype(np.float64)
    placed = x * matrix[:, 0] + y * matrix[:, 1] + matrix[:, 2]
    result = np.empty((len(joints), 3), np.float32)
    result[:, :2] = np.where(visible > 0, placed, joints[:, :2])
    result[:, 2:] = visible
    return result


# PaddleDetection looks transforms up there.
ppdet.data.transform.TopDownCrop = TopDownCrop
