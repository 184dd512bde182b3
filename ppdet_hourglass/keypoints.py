"""The keypoint set of MPII Human Pose: the only place that names its joints.

Order and pairs are those of the annotation files that HRNet and mmpose
distribute (``mpii_train.json``, ``mpii_gt_val.mat``).  Left and right are the
person's own.
"""

from typing import Dict, List, Tuple

JOINT_NAMES: Tuple[str, ...] = (
    "right_ankle",
    "right_knee",
    "right_hip",
    "left_hip",
    "left_knee",
    "left_ankle",
    "pelvis",
    "thorax",
    "upper_neck",
    "head_top",
    "right_wrist",
    "right_elbow",
    "right_shoulder",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
)

NUM_JOINTS: int = len(JOINT_NAMES)


def _ids(*names: str) -> List[int]:
    return [JOINT_NAMES.index(name) for name in names]


#: Joints that change places when the image is mirrored, (right, left).
FLIP_PAIRS: List[List[int]] = [
    _ids(name, name.replace("right", "left"))
    for name in JOINT_NAMES
    if name.startswith("right")
]

#: Joint at which each joint is found in the mirrored person (length K).
FLIP_ORDER: List[int] = [
    JOINT_NAMES.index(
        name.replace("right", "left")
        if name.startswith("right")
        else name.replace("left", "right")
    )
    for name in JOINT_NAMES
]

#: Bones, for drawing: (from, to).
SKELETON: List[List[int]] = [
    _ids("right_ankle", "right_knee"),
    _ids("right_knee", "right_hip"),
    _ids("right_hip", "pelvis"),
    _ids("left_ankle", "left_knee"),
    _ids("left_knee", "left_hip"),
    _ids("left_hip", "pelvis"),
    _ids("pelvis", "thorax"),
    _ids("thorax", "upper_neck"),
    _ids("upper_neck", "head_top"),
    _ids("right_wrist", "right_elbow"),
    _ids("right_elbow", "right_shoulder"),
    _ids("right_shoulder", "thorax"),
    _ids("left_wrist", "left_elbow"),
    _ids("left_elbow", "left_shoulder"),
    _ids("left_shoulder", "thorax"),
]

#: Joints that the half-body augmentation counts as the upper body.
UPPER_BODY: List[int] = list(range(JOINT_NAMES.index("thorax"), NUM_JOINTS))

#: Joints that the MPII evaluation leaves out of the mean.
UNSCORED: List[int] = _ids("pelvis", "thorax")

#: Rows of the PCKh table: the joints that each averages.
GROUPS: Dict[str, List[int]] = {
    "Head": _ids("head_top"),
    "Shoulder": _ids("left_shoulder", "right_shoulder"),
    "Elbow": _ids("left_elbow", "right_elbow"),
    "Wrist": _ids("left_wrist", "right_wrist"),
    "Hip": _ids("left_hip", "right_hip"),
    "Knee": _ids("left_knee", "right_knee"),
    "Ankle": _ids("left_ankle", "right_ankle"),
}
