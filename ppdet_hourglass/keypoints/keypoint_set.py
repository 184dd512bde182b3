"""Everything that depends on the choice of joints.

The K joints are in the order of the annotations and heatmaps; attributes refer to them
by 0-based index.  Left and right are the person's own.
"""

from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

Pair = Tuple[int, int]

#: Values of ``KeypointSet.normaliser``: the length that errors are divided by.
HEAD_BOX, TORSO, BOX = "head_box", "torso", "box"


@dataclass(frozen=True)
class KeypointSet:
    """Joints and their properties; made by ``read_keypoints``.

    Attributes:
        source: the keypoint file.
        name: name of the set, for titles.
        joints: K names.
        pairs: (left, right) joints, which a mirrored image exchanges.
        skeleton: (from, to) joints of each bone to draw.
        upper_body: joints that half-body augmentation treats as the upper body.
        unscored: joints that are left out of the mean PCK.
        groups: rows of the PCK table with the joints that each row averages.
        normaliser: length that errors are divided by: ``head_box``, ``torso`` or
            ``box``.
        torso: the two joints whose distance is the torso length; None for other
            normalisers.
        sigmas: K sigmas of COCO's object keypoint similarity, or None.
    """

    source: str
    name: str
    joints: Tuple[str, ...]
    pairs: Tuple[Pair, ...]
    skeleton: Tuple[Pair, ...]
    upper_body: Tuple[int, ...]
    unscored: Tuple[int, ...]
    groups: Dict[str, Tuple[int, ...]]
    normaliser: str
    torso: Optional[Pair]
    sigmas: Optional[Tuple[float, ...]]

    def __len__(self) -> int:
        return len(self.joints)

    @property
    def flip_order(self) -> List[int]:
        """Index that each joint has in the mirrored person (length K)."""
        order = list(range(len(self.joints)))
        for left, right in self.pairs:
            order[left], order[right] = right, left
        return order

    @property
    def nouns(self) -> Tuple[str, str]:
        """What one and several of the things with these joints are called.

        These are people if a joint is a wrist or an ankle; otherwise the set is taken
        to be named after the thing.
        """
        if any(limb in name for name in self.joints for limb in ("wrist", "ankle")):
            return "person", "people"
        name = self.name.replace("_", " ")
        return name, name if name.endswith("s") else f"{name}s"

    def side(self, joint: int) -> str:
        """``left``, ``right`` or, for a joint without a partner, ``""``."""
        for pair in self.pairs:
            if joint in pair:
                return ("left", "right")[pair.index(joint)]
        return ""
