"""Reading ``mpii_human_pose_v1_u12_1.mat``, MPII's own annotation file.

Its variable ``RELEASE`` nests struct arrays:
``annolist(i).annorect(r).annopoints.point(k)``.  Any field may be missing from some
images, and an empty field holds ``[]``.  Letters: K = 16 joints.  Positions are 1-based
pixels.
"""

from dataclasses import dataclass
from typing import Any, FrozenSet, List, Optional, Tuple

import numpy as np
from tqdm import tqdm

from ...errors import UserError
from .mat_file import read_mat

#: Joints that MPII annotates; their ``id`` is 0-based in the file too.
NUM_JOINTS = 16

#: Fields of RELEASE that are read; it also has act, version and video_list.
FIELDS = ("annolist", "img_train", "single_person")


@dataclass(frozen=True, eq=False)
class Rectangle:
    """One person: an element of ``annorect``.

    Attributes:
        number: 1-based index in its image's ``annorect``.
        center: (2,) ``objpos``, or None.
        scale: height / 200 px, or None.
        joints: (K, 2), NaN where not annotated.
        head_box: (4,) x1, y1, x2, y2, or None.
        repeated: number of repeated annotations of a joint; the last one counts.
    """

    number: int
    center: Optional[np.ndarray]
    scale: Optional[float]
    joints: np.ndarray
    head_box: Optional[np.ndarray]
    repeated: int


@dataclass(frozen=True, eq=False)
class Image:
    """One element of ``annolist``.

    Attributes:
        name: file name.
        train: whether its annotations are public (``img_train``).
        rectangles: all people, in the file's order.
        single: numbers of the people who stand apart from others.
    """

    name: str
    train: bool
    rectangles: Tuple[Rectangle, ...]
    single: FrozenSet[int]


def read_release(path: str) -> List[Image]:
    """Read all images in the file's order, with a progress bar.

    Raises:
        UserError: the file does not exist or has another format, or a field is missing
            or wrong.
    """
    release = _load(path)
    absent = [name for name in FIELDS if name not in release.dtype.names]
    if absent:
        raise UserError(f"{path}: RELEASE lacks the field(s) {', '.join(absent)}")
    annolist, train, single = (_values(release, name) for name in FIELDS)
    if not len(annolist) == len(train) == len(single):
        raise UserError(
            f"{path}: annolist, img_train and single_person must be of one length, "
            f"but have {len(annolist)}, {len(train)} and {len(single)}"
        )
    images = []
    for index, entry in enumerate(tqdm(annolist, desc="images", unit="image")):
        try:
            images.append(_image(entry, bool(train[index]), single[index]))
        except (TypeError, ValueError, IndexError) as error:
            raise UserError(f"{path}: annolist({index + 1}): {error}") from None
    return images


def _load(path: str) -> np.void:
    """The scalar struct RELEASE."""
    variables = read_mat(path, "annotation file")
    if "RELEASE" not in variables:
        raise UserError(
            f"{path} lacks the variable RELEASE; mpii_human_pose_v1_u12_1.mat has it"
        )
    structs = variables["RELEASE"].ravel()
    count = len(structs) if structs.dtype.names else 0
    if count != 1:
        raise UserError(f"{path}: RELEASE must be one struct, but holds {count}")
    return structs[0]


def _image(entry: np.void, train: bool, single: Any) -> Image:
    names = _values(entry, "image", "name")
    if not names.size:
        raise ValueError("image.name is missing")
    rectangles = []
    for number, annorect in enumerate(_values(entry, "annorect"), start=1):
        try:
            rectangles.append(_rectangle(number, annorect))
        except (TypeError, ValueError) as error:
            raise ValueError(f"annorect({number}): {error}") from None
    numbers = frozenset(int(number) for number in np.ravel(single))
    return Image(str(names[0]), train, tuple(rectangles), numbers)


def _rectangle(number: int, annorect: np.void) -> Rectangle:
    joints, repeated = _joints(_values(annorect, "annopoints", "point"))
    scale = _number(annorect, "scale")
    return Rectangle(
        number=number,
        center=_numbers(annorect, ("objpos", "x"), ("objpos", "y")),
        scale=None if np.isnan(scale) else scale,
        joints=joints,
        head_box=_numbers(annorect, ("x1",), ("y1",), ("x2",), ("y2",)),
        repeated=repeated,
    )


def _joints(points: np.ndarray) -> Tuple[np.ndarray, int]:
    """Joints (K, 2), and the number of repeated ones; the file's order is any."""
    joints = np.full((NUM_JOINTS, 2), np.nan)
    repeated = 0
    for point in points:
        position = _numbers(point, ("x",), ("y",))
        if position is None:
            continue
        joint = _number(point, "id")
        if joint not in range(NUM_JOINTS):
            raise ValueError(f"a point's id must be 0 to {NUM_JOINTS - 1}: {joint:g}")
        repeated += not np.isnan(joints[int(joint), 0])
        joints[int(joint)] = position
    return joints, repeated


def _numbers(struct: np.void, *paths: Tuple[str, ...]) -> Optional[np.ndarray]:
    """Several numbers as an array; None if one is missing, empty or not finite."""
    values = np.array([_number(struct, *path) for path in paths])
    return values if np.isfinite(values).all() else None


def _number(struct: np.void, *path: str) -> float:
    """The number at the end of a path of fields; NaN if it is missing or empty."""
    values = _values(struct, *path)
    if not values.size:
        return float("nan")
    try:
        return float(values[0])
    except (TypeError, ValueError):
        raise ValueError(f"{path[-1]} must be a number: {str(values[0])!r}") from None


def _values(struct: np.void, *path: str) -> np.ndarray:
    """(n,) elements at the end of a path of fields; n = 0 if a field is missing.

    Each name is a field of the first element before it, as in ``objpos(1).x``.
    """
    values = [struct]
    for name in path:
        if not len(values) or name not in (values[0].dtype.names or ()):
            return np.empty(0)
        values = np.ravel(values[0][name])
    return values
