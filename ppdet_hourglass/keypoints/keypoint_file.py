"""Reading and checking a keypoint file, such as ``configs/keypoints/mpii.yml``."""

import os
from itertools import chain
from pathlib import Path
from typing import Any, Dict, Iterable, Optional, Tuple

from ..errors import UserError
from ..fields import OBJECT, TEXT, Kind, check_object, list_of, numbers, one_of
from ..files import config_folder, read_yaml
from .keypoint_set import BOX, HEAD_BOX, TORSO, KeypointSet
from .sides import groups_by_side, pair_problem

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
    groups = content["groups"] or groups_by_side(joints, pairs)

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
        raise UserError(
            f"{path}: '{unknown[0]}' is not a key of a keypoint file; known: "
            f"{', '.join(KINDS)}"
        )
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
    """The first contradiction in a keypoint file, None if there is none."""
    joints, pairs = content["joints"], content["pairs"]
    lists = {key: content[key] for key in ("upper_body", "unscored", "torso", "sigmas")}
    for key in ("pairs", "skeleton"):
        lists[key] = chain(*content[key])
    lists["groups"] = chain(*content["groups"].values())
    for key, names in lists.items():
        for name in names:
            if name not in joints:
                return f"'{key}' names {name!r}, which 'joints' does not list"
    for name in joints:
        if joints.count(name) > 1:
            return f"'joints' has {name!r} more than once"
    problem = pair_problem(joints, pairs)
    if problem:
        return f"'pairs' {problem}"
    if bool(content["torso"]) != (content["normaliser"] == TORSO):
        return "'torso' belongs to 'normaliser: torso', and names its two joints"
    return None
