"""mmpose's crop of the five real people whose images are at hand.

Only numbers go into the fixture: the affine matrix, the joints in the crop, and some
of the crop's pixels.  The folder of MPII's files is ``PARITY_MPII``.
"""

import os
from typing import Dict

import numpy as np

from .. import real_mmpose  # noqa: F401
from ..inputs import CROP_SIZE, sampled_pixels


def make() -> Dict[str, np.ndarray]:
    """Crops of the five people, in the annotation file's order."""
    from mmpose.datasets import MpiiDataset
    from mmpose.datasets.transforms import GetBBoxCenterScale, LoadImage, TopdownAffine
    from mmpose.structures.bbox import get_warp_matrix

    folder = os.environ["PARITY_MPII"]
    steps = [LoadImage(), GetBBoxCenterScale(), TopdownAffine((CROP_SIZE, CROP_SIZE))]
    data = MpiiDataset(
        ann_file=os.path.join(folder, "annotations/mpii_5.json"),
        data_prefix={"img": os.path.join(folder, "images/")},
        serialize_data=False,
        pipeline=steps,
    )
    people = [data[index] for index in range(len(data))]
    crops = np.array([person["img"][..., ::-1] for person in people])  # RGB
    matrices = [
        get_warp_matrix(
            person["input_center"], person["input_scale"], 0.0, (CROP_SIZE, CROP_SIZE)
        )
        for person in people
    ]
    return {
        "pixels": sampled_pixels(crops),
        "whole_crops": crops,
        "matrices": np.array(matrices),
        "joints": np.concatenate([p["transformed_keypoints"] for p in people]),
        "visible": np.concatenate([p["keypoints_visible"] for p in people]),
    }
