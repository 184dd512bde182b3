"""mmpose's ``MpiiPCKAccuracy`` on the predictions that MPII's own file holds.

``pos_pred_src`` of ``mpii_gt_val.mat``; only figures go into the fixture.  The folder
of MPII's files is ``PARITY_MPII``.
"""

import os
from typing import Dict

import numpy as np
from scipy.io import loadmat

from .. import real_mmpose  # noqa: F401
from .pckh import score


def make() -> Dict[str, np.ndarray]:
    """Figures and found joints of the 2958 people."""
    from mmpose.datasets import MpiiDataset

    folder = os.path.join(os.environ["PARITY_MPII"], "annotations")
    mat = os.path.join(folder, "mpii_gt_val.mat")
    data = MpiiDataset(
        ann_file=os.path.join(folder, "mpii_val.json"),
        headbox_file=mat,
        test_mode=True,
        serialize_data=False,
    )
    people = [data.get_data_info(index) for index in range(len(data))]
    return score(
        predictions=loadmat(mat)["pos_pred_src"].transpose(2, 0, 1) - 1.0,
        joints=np.concatenate([person["keypoints"] for person in people]),
        visible=np.concatenate([person["keypoints_visible"] for person in people]),
        heads=np.concatenate([person["head_size"] for person in people])[:, 0],
    )
