"""Read and write MATLAB files, such as ``mpii_gt_val.mat``.

Letters: N people, K joints.  A ground truth holds, in pixels that count from 1,
``pos_gt_src`` (K, 2, N) with 0 for a missing joint, ``jnt_missing`` (K, N) uint8,
``headboxes_src`` (2 corners, 2, N) and ``dataset_joints`` (1, K).

SciPy's compiled reader trusts a file's sizes: about one damaged file in a hundred
crashes the process or never ends.  A separate process therefore reads them.
"""

import io
import multiprocessing
import os
import signal
from typing import Any, Dict, Tuple

import numpy as np

from ...errors import UserError, one_line
from ...files import write_whole
from ..crop import MPII_ORIGIN

#: Seconds after which reading is given up, and bytes that add one more.  MPII's own
#: file, 14 MB, takes half a minute of its 700 s.
LEAST_SECONDS, LEAST_SPEED = 4, 20_000

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


def read_mat(path: str, what: str) -> Dict[str, Any]:
    """Read the variables of a .mat file by name; ``what`` it is goes into messages.

    Raises:
        UserError: the file does not exist, or is not a MATLAB file of version 5.
    """
    if not os.path.exists(path):
        raise UserError(f"{what} {path} does not exist")
    try:
        return _loaded_by_a_child(path)
    except NotImplementedError:
        raise UserError(
            f"{what} {path} is a MATLAB 7.3 (HDF5) file, but must be of version 5: "
            "use MPII's own, or save it again in MATLAB with save(..., '-v7')"
        ) from None
    except Exception as error:  # SciPy has no common error for damaged files
        raise UserError(
            f"{what} {path} is not a readable .mat file: {one_line(error)}"
        ) from None


def _loaded_by_a_child(path: str) -> Dict[str, Any]:
    """SciPy's result, or whatever error it had; EOFError if it crashed."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.Process(target=_load, args=(path, sender), daemon=True)
    child.start()
    sender.close()
    limit = LEAST_SECONDS + os.path.getsize(path) / LEAST_SPEED
    try:
        if not receiver.poll(limit):
            raise TimeoutError(f"damaged? It was not read within {limit:.0f} s")
        result = receiver.recv()
    except EOFError:
        raise EOFError("damaged? The process that read it crashed") from None
    finally:
        child.kill()
        child.join()
    if isinstance(result, Exception):
        raise result
    return result


def _load(path: str, sender: Any) -> None:
    """Send a file's variables, or the error; print nothing if it crashes."""
    from scipy.io import loadmat

    for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE):
        signal.signal(number, signal.SIG_DFL)  # Paddle's handlers print
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        sender.send(loadmat(path))
    except Exception as error:
        sender.send(
            error if type(error) is NotImplementedError else OSError(one_line(error))
        )


def write_mat(path: str, variables: Dict[str, Any]) -> None:
    """Write variables to a .mat file atomically."""
    from scipy.io import savemat

    buffer = io.BytesIO()
    savemat(buffer, variables, do_compression=True)
    write_whole(path, buffer.getvalue())


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
    write_mat(
        path,
        {
            "pos_gt_src": positions.transpose(1, 2, 0).astype(np.float64),
            "jnt_missing": (~annotated.T).astype(np.uint8),
            "headboxes_src": corners.transpose(1, 2, 0).astype(np.float64),
            "dataset_joints": names,
        },
    )


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
