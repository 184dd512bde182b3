"""Check a config's people and their images for faults, for ``check-data``.

The reader of the annotations collects wrong records; this module finds the faults that
only the images show, or that need a look.
"""

import json
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

import cv2
import numpy as np

from ...files import read_json, write_whole
from ...keypoints.keypoint_set import KeypointSet
from ..images import (
    CutOffError,
    ImageError,
    image_header,
    orientation,
    read_image,
    refuse_cut_off,
)
from ..people import IMPOSSIBLE, WRONG_VALUE, People, Problem, read_people
from . import geometry

MISSING, UNREADABLE, CUT_OFF = "missing image", "unreadable image", "image cut off"
UPRIGHT_JOINTS = "joints of the image turned upright"
OTHER_SIZE = "image of another size than stated"
OUTSIDE = "person outside the image"
HEAD_BOX = "empty head box"
DUPLICATE = "same person twice"
NO_JOINT, NO_TARGET = "no annotated joint", "all joints outside the crop"
TURNED = "image turned by EXIF"
JOINT_OUTSIDE = "joint outside the image"
CROSSED = "left and right crossed"

#: Problems that are certainly errors, and suspects, which need a look at the image, in
#: the order of the table.
ERRORS = (WRONG_VALUE, IMPOSSIBLE, MISSING, UNREADABLE, CUT_OFF, OTHER_SIZE)
ERRORS += (UPRIGHT_JOINTS, OUTSIDE, HEAD_BOX, DUPLICATE)
SUSPECTS = (NO_JOINT, NO_TARGET, TURNED, JOINT_OUTSIDE, CROSSED)
PROBLEMS = ERRORS + SUSPECTS

#: Records of each problem that the table names.
FIRST = 3

#: Images that a process takes at once.
CHUNK = 32


@dataclass(frozen=True)
class Checked:
    """The result of checking an annotation file.

    Attributes:
        people: people with valid records, with ``joints`` even if nobody has any.
        problems: what was found, ordered by record.
        image_folder: folder of the images.
    """

    people: People
    problems: List[Problem]
    image_folder: str

    @property
    def faulty(self) -> List[int]:
        """Sorted indices of the records with an error."""
        return sorted({found.record for found in self.problems if found.kind in ERRORS})

    def table(self) -> str:
        """One line per kind of problem, with the first records that have it."""
        lines = []
        for kind in PROBLEMS:
            found = [problem for problem in self.problems if problem.kind == kind]
            if found:
                level = "error" if kind in ERRORS else "suspect"
                lines.append(f"  {level:8} {kind:38} {len(found):6}")
            lines += [
                f"{'':11}record {problem.record} ({problem.image}): {problem.detail}"
                for problem in found[:FIRST]
            ]
        return "\n".join(lines) or "  nothing found"

    def as_json(self) -> Dict[str, Any]:
        """All findings, for a JSON file."""
        return {
            "annotations": self.people.path,
            "records": self.people.total,
            "findings": [
                {
                    "problem": kind,
                    "error": kind in ERRORS,
                    "record": record,
                    "image": image,
                    "detail": detail,
                }
                for kind, record, image, detail in self.problems
            ],
        }

    def write_clean(self, path: str) -> int:
        """Write a copy of the file without the records that have an error.

        Returns:
            Number of records left.
        """
        content = read_json(self.people.path, "annotation file")
        rows = content["annotations"] if isinstance(content, dict) else content
        wrong = set(self.faulty)
        kept = [row for index, row in enumerate(rows) if index not in wrong]
        content = (
            {**content, "annotations": kept} if isinstance(content, dict) else kept
        )
        write_whole(path, json.dumps(content, separators=(",", ":")).encode())
        return len(kept)


@dataclass(frozen=True)
class ImageState:
    """What is known about an image file.

    Attributes:
        size: width and height in pixels as stored; None if it cannot be read.
        tag: EXIF orientation.
        problem: kind of problem, None if there is none.
        detail: the same in words.
    """

    size: Optional[Tuple[int, int]] = None
    tag: int = 1
    problem: Optional[str] = None
    detail: str = ""


def look_at(path: str, decode: bool = False) -> ImageState:
    """Read a header and, of a JPEG, the end; with ``decode`` all pixels."""
    size = None
    try:
        size, _ = image_header(path)
        refuse_cut_off(path)
        if decode:
            size = read_image(path).shape[1::-1]
    except ImageError as error:
        kind = CUT_OFF if isinstance(error, CutOffError) else UNREADABLE
        kind = MISSING if str(error).endswith("does not exist") else kind
        return ImageState(size, problem=kind, detail=str(error))
    return ImageState(size, orientation(path))


def look_at_all(
    paths: Sequence[str], decode: bool, workers: int
) -> Iterator[ImageState]:
    """Run :func:`look_at` on each path, in order, in ``workers`` processes."""
    look = partial(look_at, decode=decode)
    if workers == 1:
        yield from map(look, paths)
        return
    with ProcessPoolExecutor(workers, initializer=_set_up) as pool:
        yield from pool.map(look, paths, chunksize=CHUNK)


def _set_up() -> None:
    """Leave Ctrl-C to the main process, and the cores to the other processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(0)


def check_people(
    path: str,
    image_folder: str,
    keypoints: KeypointSet,
    need_joints: bool = True,
    decode: bool = False,
    workers: int = 1,
    progress: Callable[..., Any] = iter,
) -> Checked:
    """Find the problems of an annotation file's people.

    Args:
        path: the file, in either layout.
        image_folder: folder of its images.
        keypoints: its K joints.
        need_joints: whether a record of MPII's layout without joints is wrong.
        decode: decode every pixel of every image; otherwise the headers are read.
        workers: number of processes that look at images.
        progress: wraps an iterable of the images and shows progress.

    Raises:
        UserError: the file is missing, or not an annotation file of these joints.
    """
    problems: List[Problem] = []
    people = read_people(path, keypoints, need_joints, problems)
    if people.joints is None:
        shape = (len(people), len(keypoints))
        people = replace(
            people, joints=np.zeros((*shape, 2)), visible=np.zeros(shape, bool)
        )
    names = list(dict.fromkeys(people.images))
    paths = [os.path.join(image_folder, name) for name in names]
    by_name = dict(zip(names, progress(look_at_all(paths, decode, workers))))
    images = [by_name[name] for name in people.images]
    for person, image in enumerate(images):
        kind, detail = image.problem, image.detail
        if kind is None and image.tag != 1:
            kind = TURNED
            detail = f"orientation {image.tag}; positions must be in stored pixels"
        if kind is not None:
            name = people.images[person]
            problems.append(Problem(kind, int(people.records[person]), name, detail))
    problems += _position_problems(people, images, keypoints)
    problems.sort(key=lambda problem: problem.record)
    return Checked(people, problems, image_folder)


def _position_problems(
    people: People, images: Sequence[ImageState], keypoints: KeypointSet
) -> Iterator[Problem]:
    """The problems that the positions show, of which each kind is a row below."""
    unknown = (np.nan, np.nan)
    sizes = np.array([image.size or unknown for image in images]).reshape(-1, 2)
    sideways = np.array([image.tag > 4 for image in images], bool)
    earlier = geometry.duplicates(people)
    far = geometry.joints_outside(people, sizes)
    upright = sideways & geometry.fit_only_upright(people, sizes)
    outside = geometry.outside(people, sizes) & ~upright
    stated = sizes if people.sizes is None else people.sizes
    other_size = (np.isfinite(sizes) & (stated != sizes)).any(axis=1)
    limbs = geometry.limbs_of(keypoints)
    ratios = geometry.crossing(people.joints, people.visible, limbs)

    def place(person: int) -> str:
        width, height = sizes[person]
        return (
            f"center {_listed(people.centers[person])} of the crop, but the image has "
            f"{width:g} x {height:g} pixels"
        )

    def size(person: int) -> str:
        return f"stated {_listed(stated[person])}, in the file {_listed(sizes[person])}"

    def head_box(person: int) -> str:
        return f"head_box {_listed(people.head_boxes[person].ravel())} (0-based)"

    def limb(person: int) -> str:
        worst = ratios[person].argmax()
        ends = " or ".join(keypoints.joints[joint] for joint in limbs[worst][:2])
        return f"{ends}: {ratios[person, worst]:.1f} times as long as crossed"

    def joints(person: int) -> str:
        return ", ".join(keypoints.joints[k] for k in np.flatnonzero(far[person]))

    def same(person: int) -> str:
        return f"as in record {people.records[earlier[person]]}"

    def nothing(person: int) -> str:
        return "nothing to learn from"

    has_limbs = bool(limbs) and len(people) > 0
    crossed = (ratios >= geometry.CROSSED_FROM).any(axis=1)
    rows: List[Tuple[str, np.ndarray, Callable[[int], str]]] = [
        (UPRIGHT_JOINTS, upright, place),
        (OTHER_SIZE, other_size & ~upright, size),
        (OUTSIDE, outside, place),
        (HEAD_BOX, geometry.empty_head_boxes(people), head_box),
        (DUPLICATE, earlier >= 0, same),
        (NO_JOINT, ~people.visible.any(axis=1), nothing),
        (NO_TARGET, geometry.outside_crops(people) & ~outside, nothing),
        (JOINT_OUTSIDE, far.any(axis=1) & ~upright & ~outside, joints),
        (CROSSED, crossed & has_limbs, limb),
    ]
    for kind, which, detail in rows:
        for person in np.flatnonzero(which).tolist():
            record, image = int(people.records[person]), people.images[person]
            yield Problem(kind, record, image, detail(person))


def _listed(values: np.ndarray) -> str:
    return f"[{', '.join(f'{value:g}' for value in values)}]"
