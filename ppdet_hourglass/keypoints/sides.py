"""Left and right in the names of joints."""

import re
from typing import Dict, List, Optional, Sequence

#: "left" or "right" at the start of a word: not the "right" of "bright_end".
SIDE = re.compile(r"(?<![^\W_])(left|right)", re.IGNORECASE)

OTHER = {"left": "right", "right": "left"}


def pair_problem(
    joints: Sequence[str], pairs: Sequence[Sequence[str]]
) -> Optional[str]:
    """Check the pairs of a keypoint set.

    A joint must be in at most one pair.  A joint with a side in its name must be in a
    pair, and its partner's name must have the other side.

    Args:
        joints: names of all joints.
        pairs: names of the joints that a mirrored image exchanges, left first.

    Returns:
        The first problem, None if there is none.
    """
    paired = [name for pair in pairs for name in pair]
    for name in paired:
        if paired.count(name) > 1:
            return f"has {name} more than once"
    for left, right in pairs:
        sided = SIDE.search(left) or SIDE.search(right)
        if sided and _mirrored(left) != right.lower():
            return f"must be [left, right], but got {[left, right]}"
        if "right" in map(str.lower, SIDE.findall(left)):
            return f"must have left first, but got {[left, right]}"
    for name in joints:
        if SIDE.search(name) and name not in paired:
            return f"lacks the pair of {name}"
    return None


def groups_by_side(
    joints: Sequence[str], pairs: Sequence[Sequence[str]]
) -> Dict[str, List[str]]:
    """One group per pair, named without the side, and one per unpaired joint."""
    groups: Dict[str, List[str]] = {}
    pair_of = {name: list(pair) for pair in pairs for name in pair}
    for name in joints:
        group = pair_of.get(name, [name])
        if all(name not in known for known in groups.values()):
            title = SIDE.sub("", name).strip("_- ")
            groups[title if len(group) == 2 else name] = group
    return groups


def _mirrored(name: str) -> str:
    """The partner's name in lower case."""
    return SIDE.sub(lambda side: OTHER[side[0].lower()], name).lower()
