"""Records of people in the layout of MPII's JSON and .mat files.

Legend: N people, K joints.  Positions are pixels of the original picture,
counted from one as in MPII.
"""

import json
from pathlib import Path
from typing import Any, Dict, List, Sequence

import numpy as np

from ppdet_hourglass.data.crop import PIXELS_PER_SCALE
from ppdet_hourglass.data.mpii import ground_truth_file as mpii

from .skeleton import INDEX

Record = Dict[str, Any]

#: MPII head boxes: diagonal over neck-to-head-top, and width over height; both
#: joints lie symmetrically about the box's middle (medians of mpii_gt_val.mat).
HEAD_BOX_DIAGONAL = 1.25
HEAD_BOX_SHAPE = 0.78

MISSING = -1.0


def make_record(
    image: str,
    joints: np.ndarray,
    visible: np.ndarray,
    centre: np.ndarray,
    stature: float,
) -> Record:
    """Record of a person.

    `joints` (K, 2) and `centre` (2,) are 0-based pixels, `visible` (K,) bool tells
    which joints are inside of the picture, `stature` is in pixels.
    """
    counted = np.where(visible[:, None], joints + 1.0, MISSING)
    return {
        "joints_vis": visible.astype(int).tolist(),
        "joints": _rounded(counted),
        "image": image,
        "scale": round(stature / PIXELS_PER_SCALE, 6),
        "center": _rounded(centre + 1.0),
        "head_box": _rounded(head_box(joints) + 1.0),
    }


def head_box(joints: np.ndarray) -> np.ndarray:
    """Head box (4,) as x1, y1, x2, y2 from the joints (K, 2) of one person."""
    neck, top = joints[INDEX["upper_neck"]], joints[INDEX["head_top"]]
    diagonal = HEAD_BOX_DIAGONAL * np.linalg.norm(top - neck)
    across, along = HEAD_BOX_SHAPE, 1.0
    # A head that lies on its side has a box that is wider than high.
    if abs(top[0] - neck[0]) > abs(top[1] - neck[1]):
        across, along = along, across
    half = diagonal / 2 * np.array([across, along]) / np.hypot(across, along)
    middle = (neck + top) / 2
    return np.concatenate([middle - half, middle + half])


def _rounded(values: np.ndarray) -> List[Any]:
    return np.round(values.astype(float), 3).tolist()


def write_json(path: Path, records: Sequence[Record]) -> None:
    """Write records as ``mpii_train.json`` and ``mpii_val.json`` have them."""
    path.write_text(json.dumps(records), encoding="utf-8")


def write_ground_truth(path: Path, records: Sequence[Record]) -> None:
    """Write ``mpii_gt_val.mat`` of records that all have a head box."""
    joints, annotated, head_boxes = (
        np.array([record[key] for record in records])
        for key in ("joints", "joints_vis", "head_box")
    )
    mpii.write_ground_truth(str(path), joints, annotated > 0, head_boxes)
