"""Reading and checking a keypoint file such as ``configs/keypoints/mpii.yml``."""

import math
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from ..errors import UserError
from ..files import config_folder, read_yaml
from .keypoint_set import BOX, HEAD_BOX, TORSO, KeypointSet, Pair

#: Folder of the package's own files, as configs name it.
SHIPPED = "configs/keypoints"

KEYS = (
    *("name", "joints", "pairs", "skeleton", "upper_body", "unscored", "groups"),
    *("normaliser", "torso", "sigmas"),
)


def read_keypoints(source: str) -> KeypointSet:
    """Read a keypoint file; each file once.

    Args:
        source: path of the file, relative to the working directory; or the name of
            one of the package's own, ``mpii``, ``coco`` or ``lsp``, also as
            ``configs/keypoints/mpii.yml``.

    Raises:
        UserError: no such file, no YAML, an unknown or missing key, an unknown
            joint, or a missing or inconsistent pair; names file and key.
    """
    return _read(_find(str(source)))


def _find(source: str) -> str:
    if os.path.isfile(source):
        return source
    shipped = config_folder() / "keypoints"
    bare = Path(source).name == source or Path(source).parent == Path(SHIPPED)
    own = shipped / f"{Path(source).stem}.yml"
    if bare and own.is_file():
        return str(own)
    known = ", ".join(sorted(path.stem for path in shipped.glob("*.yml")))
    raise UserError(
        f"keypoint file {source} (config key 'keypoints') does not exist; the "
        f"package's own are {known}"
    )


@lru_cache(maxsize=None)
def _read(path: str) -> KeypointSet:
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise UserError(f"{path} must hold the keys {', '.join(KEYS)}")
    return _Fields(path, content).keypoints()


class _Fields:
    """The keys of a keypoint file, each checked."""

    def __init__(self, path: str, content: Dict[str, Any]) -> None:
        self.path = path
        self.content = content
        unknown = [str(key) for key in content if key not in KEYS]
        if unknown:
            raise self.fail(
                unknown[0], f"is no key of a keypoint file; known: {', '.join(KEYS)}"
            )
        self.joints = self.names()

    def fail(self, key: str, problem: str) -> UserError:
        return UserError(f"{self.path}: '{key}' {problem}")

    def keypoints(self) -> KeypointSet:
        normaliser = self.normaliser()
        pairs = self.pairs()
        return KeypointSet(
            source=self.path,
            name=str(self.content.get("name", Path(self.path).stem)),
            joints=self.joints,
            pairs=pairs,
            skeleton=tuple(self.couple("skeleton", row) for row in self.rows()),
            upper_body=self.places("upper_body", self.content.get("upper_body", [])),
            unscored=self.places("unscored", self.content.get("unscored", [])),
            groups=self.groups(pairs),
            normaliser=normaliser,
            torso=self.torso(normaliser),
            sigmas=self.sigmas(),
        )

    def names(self) -> Tuple[str, ...]:
        names = self.content.get("joints")
        if not isinstance(names, list) or not names:
            raise self.fail("joints", "must list the names of the joints")
        for name in names:
            if not isinstance(name, str) or names.count(name) > 1:
                raise self.fail(
                    "joints", f"must be different names, but {name!r} is not one"
                )
        return tuple(names)

    def places(self, key: str, names: Any) -> Tuple[int, ...]:
        if not isinstance(names, list):
            raise self.fail(key, f"must list joints, but got {names!r}")
        for name in names:
            if name not in self.joints:
                raise self.fail(key, f"names {name!r}, which 'joints' does not list")
        return tuple(self.joints.index(name) for name in names)

    def couple(self, key: str, names: Any) -> Pair:
        places = self.places(key, names)
        if len(places) != 2 or places[0] == places[1]:
            raise self.fail(key, f"needs two different joints, but got {names}")
        return places[0], places[1]

    def rows(self, key: str = "skeleton") -> List[Any]:
        rows = self.content.get(key, [])
        if not isinstance(rows, list):
            raise self.fail(key, f"must list pairs of joints, but got {rows!r}")
        return rows

    def pairs(self) -> Tuple[Pair, ...]:
        pairs = [self.couple("pairs", row) for row in self.rows("pairs")]
        used = [joint for pair in pairs for joint in pair]
        for joint in used:
            if used.count(joint) > 1:
                raise self.fail("pairs", f"has {self.joints[joint]} more than once")
        for left, right in pairs:
            names = self.joints[left], self.joints[right]
            if _has_side(names) and _mirrored(names[0]) != names[1].lower():
                raise self.fail("pairs", f"must be [left, right], but got {[*names]}")
            if any(side.lower() == "right" for side in SIDE.findall(names[0])):
                raise self.fail("pairs", f"must have left first, but got {[*names]}")
        for joint, name in enumerate(self.joints):
            if _has_side([name]) and joint not in used:
                raise self.fail("pairs", f"lacks the pair of {name}")
        return tuple(pairs)

    def groups(self, pairs: Sequence[Pair]) -> Dict[str, Tuple[int, ...]]:
        rows = self.content.get("groups")
        if rows is None:
            return _default_groups(self.joints, pairs)
        if not isinstance(rows, dict) or not all(rows.values()):
            raise self.fail("groups", "must give each row of the table its joints")
        return {str(name): self.places("groups", row) for name, row in rows.items()}

    def normaliser(self) -> str:
        known = (HEAD_BOX, TORSO, BOX)
        normaliser = self.content.get("normaliser", BOX)
        if normaliser not in known:
            raise self.fail(
                "normaliser", f"must be one of {', '.join(known)}, not {normaliser!r}"
            )
        return normaliser

    def torso(self, normaliser: str) -> Optional[Pair]:
        given = "torso" in self.content
        if given != (normaliser == TORSO):
            raise self.fail(
                "torso", "belongs to 'normaliser: torso', and names its two joints"
            )
        return self.couple("torso", self.content["torso"]) if given else None

    def sigmas(self) -> Optional[Tuple[float, ...]]:
        sigmas = self.content.get("sigmas")
        if sigmas is None:
            return None
        if not isinstance(sigmas, dict) or set(sigmas) != set(self.joints):
            raise self.fail("sigmas", "must give every joint its sigma, and no other")
        for name, sigma in sigmas.items():
            number = isinstance(sigma, (int, float)) and math.isfinite(sigma)
            if not number or sigma <= 0:
                raise self.fail("sigmas", f"of {name} must be positive, not {sigma!r}")
        return tuple(float(sigmas[name]) for name in self.joints)


#: A side in a joint's name, where a word begins: not the "right" of "bright_end".
SIDE = re.compile(r"(?<![^\W_])(left|right)", re.IGNORECASE)


def _has_side(names: Iterable[str]) -> bool:
    return any(SIDE.search(name) for name in names)


def _mirrored(name: str) -> str:
    """The partner's name, in small letters."""
    other = {"left": "right", "right": "left"}
    return SIDE.sub(lambda side: other[side[0].lower()], name).lower()


def _default_groups(
    joints: Sequence[str], pairs: Sequence[Pair]
) -> Dict[str, Tuple[int, ...]]:
    """A row per pair, named without its side, and per joint without a partner."""
    groups: Dict[str, Tuple[int, ...]] = {}
    partner = {joint: pair for pair in pairs for joint in pair}
    for joint, name in enumerate(joints):
        places = partner.get(joint, (joint,))
        if joint == min(places):
            title = SIDE.sub("", name).strip("_- ")
            groups[title if len(places) == 2 else name] = places
    return groups
