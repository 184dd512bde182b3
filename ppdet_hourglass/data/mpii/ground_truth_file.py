"""Writing ``mpii_gt_val.mat``.  Letters: N people, K joints."""

import io

import numpy as np

from ...files import write_whole

#: MPII's short names, in the order of its joints.
DATASET_JOINTS = (
    *("rank", "rkne", "rhip", "lhip", "lkne", "lank"),
    *("pelv", "thor", "neck", "head"),
    *("rwri", "relb", "rsho", "lsho", "lelb", "lwri"),
)


def write_ground_truth(
    path: str, joints: np.ndarray, annotated: np.ndarray, head_boxes: np.ndarray
) -> None:
    """Write the ground truth of an evaluation in the layout of the public file.

    ``pos_gt_src`` (K, 2, N) with 0 for a missing joint, ``jnt_missing`` (K, N)
    uint8, ``headboxes_src`` (2 corners, 2, N) and ``dataset_joints`` (1, K).

    Args:
        path: file to write.
        joints: (N, K, 2) 1-based pixels.
        annotated: (N, K) bool.
        head_boxes: (N, 4) x1, y1, x2, y2, 1-based pixels.
    """
    from scipy.io import savemat

    names = np.empty((1, len(DATASET_JOINTS)), dtype=object)
    names[0] = DATASET_JOINTS
    positions = np.where(annotated[..., None], joints, 0.0)
    corners = head_boxes.reshape(-1, 2, 2)
    content = {
        "pos_gt_src": positions.transpose(1, 2, 0).astype(np.float64),
        "jnt_missing": (~annotated.T).astype(np.uint8),
        "headboxes_src": corners.transpose(1, 2, 0).astype(np.float64),
        "dataset_joints": names,
    }
    buffer = io.BytesIO()
    savemat(buffer, content, do_compression=True)
    write_whole(path, buffer.getvalue())
