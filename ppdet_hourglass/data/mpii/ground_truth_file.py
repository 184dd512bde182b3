"""Reading and writing files in the layout of ``mpii_gt_val.mat``.

Letters: N people, K joints.  All positions are 1-based pixels.  Such a file holds
``pos_gt_src`` (K, 2, N) with 0 for a missing joint, ``jnt_missing`` (K, N) uint8,
``headboxes_src`` (2 corners, 2, N) and ``dataset_joints`` (1, K).
"""

from typing import Tuple

import numpy as np

from ...errors import UserError
from ..crop import MPII_ORIGIN
from .mat_file import read_mat, write_mat

#: File in the annotation folder with the ground truth of ``mpii_val.json``.
MAT_NAME = "mpii_gt_val.mat"

#: MPII's short names, in the order of its joints.
DATASET_JOINTS = (
    *("rank", "rkne", "rhip", "lhip", "lkne", "lank"),
    *("pelv", "thor", "neck", "head"),
    *("rwri", "relb", "rsho", "lsho", "lelb", "lwri"),
)

#: Variables that an evaluation needs, and their numbers of dimensions.
NEEDED = {"pos_gt_src": 3, "jnt_missing": 2, "headboxes_src": 3}


def write_ground_truth(
    path: str, joints: np.ndarray, annotated: np.ndarray, head_boxes: np.ndarray
) -> None:
    """Write the ground truth of an evaluation.

    Args:
        path: file to write.
        joints: (N, K, 2) 1-based pixels.
        annotated: (N, K) bool.
        head_boxes: (N, 4) x1, y1, x2, y2, 1-based pixels.
    """
    names = np.empty((1, len(DATASET_JOINTS)), dtype=object)
    names[0] = DATASET_JOINTS
    positions = np.where(annotated[..., None], joints, 0.0)
    corners = head_boxes.reshape(-1, 2, 2)
    variables = {
        "pos_gt_src": positions.transpose(1, 2, 0).astype(np.float64),
        "jnt_missing": (~annotated.T).astype(np.uint8),
        "headboxes_src": corners.transpose(1, 2, 0).astype(np.float64),
        "dataset_joints": names,
    }
    write_mat(path, variables)


def read_ground_truth(path: str) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read the ground truth of an evaluation.

    Returns:
        Joints (N, K, 2) float64, annotated (N, K) bool, and head boxes
        (N, 2 corners, 2); positions are 0-based pixels here.

    Raises:
        UserError: the file does not exist, is not a .mat file, or lacks a variable, or
            a variable has another number of dimensions or holds no numbers.
    """
    variables = read_mat(path, "ground truth")
    missing = [name for name in NEEDED if name not in variables]
    if missing:
        raise UserError(f"{path} lacks the variable(s) {', '.join(missing)}")
    for name, dimensions in NEEDED.items():
        if variables[name].ndim != dimensions:
            raise UserError(
                f"{path}: {name} must have {dimensions} dimensions, but has shape "
                f"{variables[name].shape}"
            )
        kind = variables[name].dtype
        if kind.kind not in "fiu":
            raise UserError(f"{path}: {name} must hold numbers, but is of type {kind}")
    joints, absent, heads = (variables[name] for name in NEEDED)
    joints = joints.transpose(2, 0, 1).astype(np.float64) - MPII_ORIGIN
    heads = heads.transpose(2, 0, 1).astype(np.float64) - MPII_ORIGIN
    return joints, absent.T == 0, heads
