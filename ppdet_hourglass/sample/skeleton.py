"""The skeleton: bone lengths, and a person's joints as the camera sees them.

Legend: K joints; a frame is a (3, 3) matrix whose columns are a body part's
left, up and forward.  The camera looks along +z, x runs right and y down, so a
person who faces the camera has their left at +x.  Lengths in statures (200 px
times the MPII ``scale``) until the person is placed on a picture.
"""

from dataclasses import dataclass, replace
from typing import Dict, Tuple

import numpy as np

from ppdet_hourglass.keypoints.keypoint_file import read_keypoints

#: The drawn people have MPII's joints.
JOINT_NAMES: Tuple[str, ...] = read_keypoints("mpii").joints

#: Bone lengths in statures: medians of standing people in mpii_train.json,
#: raised a little where the projection of real people shortens them.
BONES: Dict[str, float] = {
    "spine": 0.300,
    "neck": 0.047,
    "shoulders": 0.215,
    "hips": 0.125,
    "upper_arm": 0.172,
    "forearm": 0.142,
    "thigh": 0.240,
    "shin": 0.228,
}
#: MPII derives `scale` from the head box: neck to head top is always this long.
HEAD_LENGTH = 1.0 / 6.0
HAND_LENGTH = 0.045
FOOT_LENGTH = 0.085
#: Standard deviation of one bone, and of all together against the head, relative.
BONE_SPREAD = 0.04
BODY_SPREAD = 0.06

SIDES: Tuple[Tuple[str, int], ...] = (("right", -1), ("left", 1))
INDEX: Dict[str, int] = {name: index for index, name in enumerate(JOINT_NAMES)}


@dataclass(frozen=True)
class Skeleton:
    """A person in camera axes: joints (K, 3), frames, tips of hands and feet."""

    joints: np.ndarray
    chest: np.ndarray
    pelvis: np.ndarray
    head: np.ndarray
    tips: Dict[str, np.ndarray]
    unit: float = 1.0

    def point(self, name: str) -> np.ndarray:
        """Position (3,) of the joint or tip `name`, e.g. ``left_toe``."""
        return self.joints[INDEX[name]] if name in INDEX else self.tips[name]

    def placed(self, unit: float, origin: np.ndarray) -> "Skeleton":
        """The same person with a stature of `unit` pixels, moved by `origin` (2,)."""
        shift = np.append(origin, 0.0)
        return replace(
            self,
            joints=self.joints * unit + shift,
            tips={name: tip * unit + shift for name, tip in self.tips.items()},
            unit=self.unit * unit,
        )


def sample_bones(rng: np.random.Generator) -> Dict[str, float]:
    """Bone lengths of one person; all vary together against the head."""
    body = 1.0 + BODY_SPREAD * min(max(rng.normal(), -2.0), 2.0)
    single = rng.normal(0.0, 1.0, len(BONES)).clip(-2.0, 2.0)
    return {
        name: length * body * (1.0 + BONE_SPREAD * float(deviation))
        for (name, length), deviation in zip(BONES.items(), single)
    }
