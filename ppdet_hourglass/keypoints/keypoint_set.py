"""A set of keypoints: everything that depends on which joints there are.

K joints in the order of the annotations and of the heatmaps; joints are named by
their 0-based place below.  Left and right are the person's own.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Dict, List, Optional, Tuple

Pair = Tuple[int, int]

#: What an error is measured in: ``KeypointSet.normaliser``.
HEAD_BOX, TORSO, BOX = "head_box", "torso", "box"


@dataclass(frozen=True)
class KeypointSet:
    """Joints and what belongs to them; made by ``read_keypoints``.

    Attributes:
        source: the file it was read from.
        name: of the set, for titles.
        joints: K names.
        pairs: (left, right) joints that change places in a mirrored image.
        skeleton: bones to draw, (from, to).
        upper_body: joints that the half-body augmentation counts as such.
        unscored: joints that the mean leaves out.
        groups: rows of the PCK table, and the joints that each averages.
        normaliser: length that errors are measured in: ``head_box``, ``torso`` or
            ``box``.
        torso: the two joints whose distance is the torso's length, if that counts.
        sigmas: K spreads of COCO's object keypoint similarity, or None.
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
        """Joint at which each joint is found in the mirrored person (length K)."""
        order = list(range(len(self.joints)))
        for left, right in self.pairs:
            order[left], order[right] = right, left
        return order

    def side(self, joint: int) -> str:
        """``left``, ``right`` or, for a joint without a partner, ``""``."""
        return self._sides.get(joint, "")

    @cached_property
    def _sides(self) -> Dict[int, str]:
        left = {pair[0]: "left" for pair in self.pairs}
        return {**left, **{pair[1]: "right" for pair in self.pairs}}
