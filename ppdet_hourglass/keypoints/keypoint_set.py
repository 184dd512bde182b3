"""Everything that depends on the choice of joints, and the files that say it.

A keypoint file is YAML such as ``configs/keypoints/mpii.yml``.  The K joints are in the
order of the annotations and heatmaps; attributes refer to them by 0-based index.  Left
and right are the person's own.
"""

import os
import re
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from ..errors import UserError
from ..fields import OBJECT, TEXT, Kind, check_object, list_of, numbers, one_of
from ..files import config_folder, read_yaml

Pair = Tuple[int, int]

#: Values of ``KeypointSet.normaliser``: the length that errors are divided by.
HEAD_BOX, TORSO, BOX = "head_box", "torso", "box"

#: Folder of the package's own keypoint files, as configs name it.
SHIPPED = "configs/keypoints"

NAMES = list_of(TEXT, "a list of joints")
PAIR = Kind(
    "two different joints", lambda v: NAMES.fits(v) and len(v) == 2 and v[0] != v[1]
)
PAIRS = list_of(PAIR, "a list of pairs of joints")
GROUP = list_of(TEXT, "a list of joints, at least one", least=1)

KINDS = {
    "name": Kind("a text or a number", lambda v: isinstance(v, (str, int, float))),
    "joints": list_of(TEXT, "a list of names, at least one", least=1),
    **{"pairs": PAIRS, "skeleton": PAIRS, "upper_body": NAMES, "unscored": NAMES},
    **{"groups": OBJECT, "normaliser": one_of((HEAD_BOX, TORSO, BOX))},
    **{"torso": PAIR, "sigmas": OBJECT},
}

DEFAULTS = {
    **dict.fromkeys(("pairs", "skeleton", "upper_body", "unscored", "torso"), ()),
    **{"groups": {}, "normaliser": BOX, "sigmas": {}},
}

#: "left" or "right" at the start of a word: not the "right" of "bright_end".
SIDE = re.compile(r"(?<![^\W_])(left|right)", re.IGNORECASE)

OTHER = {"left": "right", "right": "left"}


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


def read_keypoints(source: str) -> KeypointSet:
    """Read a keypoint file.

    Args:
        source: path of the file, relative to the working directory; or one of the
            package's own: ``mpii``, ``coco`` or ``lsp``, also written
            ``configs/keypoints/mpii.yml``.

    Raises:
        UserError: the file does not exist or is not YAML; a key is unknown, missing or
            wrong; a joint is unknown; or a pair is missing or inconsistent.  The
            message names file and key.
    """
    path = _find(str(source))
    content = _read(path)
    joints, pairs, sigmas = content["joints"], content["pairs"], content["sigmas"]
    groups = content["groups"] or _groups_by_side(joints, pairs)

    def indices(names: Iterable[str]) -> Tuple[int, ...]:
        return tuple(map(joints.index, names))

    return KeypointSet(
        source=path,
        name=str(content.get("name", Path(path).stem)),
        joints=tuple(joints),
        pairs=tuple(map(indices, pairs)),
        skeleton=tuple(map(indices, content["skeleton"])),
        upper_body=indices(content["upper_body"]),
        unscored=indices(content["unscored"]),
        groups={str(row): indices(names) for row, names in groups.items()},
        normaliser=content["normaliser"],
        torso=indices(content["torso"]) or None,
        sigmas=tuple(map(float, map(sigmas.get, joints))) if sigmas else None,
    )


def _find(source: str) -> str:
    if os.path.isfile(source):
        return source
    shipped = config_folder() / "keypoints"
    folder, own = Path(source).parent, shipped / f"{Path(source).stem}.yml"
    if folder in (Path(), Path(SHIPPED)) and own.is_file():
        return str(own)
    known = ", ".join(sorted(path.stem for path in shipped.glob("*.yml")))
    raise UserError(
        f"keypoint file {source} (config key 'keypoints') does not exist; the "
        f"package's own are {known}"
    )


def _read(path: str) -> Dict[str, Any]:
    """The file's checked content, completed by the defaults of missing keys."""
    content = check_object(read_yaml(path), {"joints": KINDS["joints"]}, path)
    unknown = [str(key) for key in content if key not in KINDS]
    if unknown:
        known = ", ".join(KINDS)
        raise UserError(f"{path}: unknown key '{unknown[0]}'; known are {known}")
    given = {key: value for key, value in content.items() if value is not None}
    check_object(given, {key: KINDS[key] for key in given}, path)
    content = {**DEFAULTS, **given}
    groups, joints = content["groups"], content["joints"]
    check_object(groups, dict.fromkeys(groups, GROUP), f"{path}: 'groups'")
    if content["sigmas"]:
        kinds = dict.fromkeys(joints, numbers(above=0))
        check_object(content["sigmas"], kinds, f"{path}: 'sigmas'")
    problem = _problem(content)
    if problem:
        raise UserError(f"{path}: {problem}")
    return content


def _problem(content: Dict[str, Any]) -> Optional[str]:
    """The first contradiction in a keypoint file, None if there is none.

    A joint must be in at most one pair.  A joint with a side in its name must be in a
    pair, left first, and its partner's name must have the other side.
    """
    joints, pairs = content["joints"], content["pairs"]
    lists = {key: content[key] for key in ("upper_body", "unscored", "torso", "sigmas")}
    for key in ("pairs", "skeleton"):
        lists[key] = chain(*content[key])
    lists["groups"] = chain(*content["groups"].values())
    for key, names in lists.items():
        for name in names:
            if name not in joints:
                return f"'{key}' names {name!r}, which 'joints' does not list"
    paired = [name for pair in pairs for name in pair]
    for key, names in (("joints", joints), ("pairs", paired)):
        for name in names:
            if names.count(name) > 1:
                return f"'{key}' has {name!r} more than once"
    for left, right in pairs:
        mirrored = SIDE.sub(lambda side: OTHER[side[0].lower()], left).lower()
        sided = SIDE.search(left) or SIDE.search(right)
        if sided and mirrored != right.lower():
            return f"'pairs' must be [left, right], but got {[left, right]}"
        if "right" in map(str.lower, SIDE.findall(left)):
            return f"'pairs' must have left first, but got {[left, right]}"
    for name in joints:
        if SIDE.search(name) and name not in paired:
            return f"'pairs' lacks the pair of {name}"
    if bool(content["torso"]) != (content["normaliser"] == TORSO):
        return "'torso' belongs to 'normaliser: torso', and names its two joints"
    return None


def _groups_by_side(
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
