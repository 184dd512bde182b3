"""Checking the people of an annotation file and their images."""

import os
from typing import Any, Callable, Iterable, Iterator, List, Sequence

import numpy as np

from ...keypoints.keypoint_set import KeypointSet
from . import geometry, problems
from .people_file import PeopleFile
from .pictures import Picture, look_at_all
from .problems import Finding, Problem

#: Wraps an iterable and shows how far it is: ``tqdm``.
Progress = Callable[[Iterable[Any]], Iterable[Any]]


def check_people(
    file: PeopleFile,
    image_folder: str,
    keypoints: KeypointSet,
    decode: bool = False,
    workers: int = 1,
    progress: Progress = iter,
) -> List[Finding]:
    """Find the problems of a file's people, ordered by record.

    Args:
        file: the people.
        image_folder: folder of their images.
        keypoints: their K joints.
        decode: decode every pixel of every image; otherwise the headers are read.
        workers: number of processes that look at images.
        progress: shows how far the images are; called with an iterable.
    """
    names = list(dict.fromkeys(file.people.images))
    paths = [os.path.join(image_folder, name) for name in names]
    looked = progress(look_at_all(paths, decode, workers))
    by_name = dict(zip(names, looked))
    pictures = [by_name[name] for name in file.people.images]
    found = [
        Finding(problems.WRONG_VALUE, index, file.image(index), text)
        for index, text in file.wrong.items()
    ]
    found += _of_pictures(file, pictures)
    impossible = geometry.impossible(file.people)
    found += _of_positions(file, impossible)
    found += _in_pictures(file, impossible, pictures, keypoints)
    found += _of_sides(file, impossible, keypoints)
    return sorted(found, key=lambda finding: finding.record)


def _findings(
    file: PeopleFile,
    problem: Problem,
    people: np.ndarray,
    detail: Callable[[int], str],
) -> Iterator[Finding]:
    """A finding for each of the ``people`` (N,) bool, described by ``detail``."""
    for person in np.flatnonzero(people).tolist():
        image = file.people.images[person]
        yield Finding(problem, file.sound[person], image, detail(person))


def _of_pictures(file: PeopleFile, pictures: Sequence[Picture]) -> Iterator[Finding]:
    for index, image, picture in zip(file.sound, file.people.images, pictures):
        if picture.problem:
            yield Finding(picture.problem, index, image, picture.detail)
        elif picture.tag != 1:
            detail = f"orientation {picture.tag}; positions must be in stored pixels"
            yield Finding(problems.TURNED, index, image, detail)


def _of_positions(file: PeopleFile, impossible: np.ndarray) -> Iterator[Finding]:
    """Problems that the file alone shows."""
    people = file.people
    heads = people.head_boxes.reshape(-1, 4)
    earlier = geometry.duplicates(people)

    def place(person: int) -> str:
        center = _listed(people.centers[person])
        return f"center {center}, scale {people.scales[person]:g}"

    yield from _findings(file, problems.IMPOSSIBLE, impossible, place)
    for problem, which, detail in (
        (
            problems.HEAD_BOX,
            geometry.empty_head_boxes(people),
            lambda person: f"head_box {_listed(heads[person])}",
        ),
        (
            problems.DUPLICATE,
            earlier >= 0,
            lambda person: f"as in record {file.sound[earlier[person]]}",
        ),
        (
            problems.NO_JOINT,
            ~(people.visible > 0).any(axis=1),
            lambda person: "nothing to learn from",
        ),
    ):
        yield from _findings(file, problem, which & ~impossible, detail)


def _in_pictures(
    file: PeopleFile,
    impossible: np.ndarray,
    pictures: Sequence[Picture],
    keypoints: KeypointSet,
) -> Iterator[Finding]:
    """Positions against the sizes of the images."""
    people = file.people
    unknown = (np.nan, np.nan)
    sizes = np.array([p.size or unknown for p in pictures]).reshape(-1, 2)
    sideways = np.array([p.tag > 4 for p in pictures], bool)
    far = geometry.joints_outside(people, sizes)

    def place(person: int) -> str:
        width, height = sizes[person]
        center = _listed(people.centers[person])
        return f"center {center}, but the image has {width:g} x {height:g} pixels"

    def joints(person: int) -> str:
        return ", ".join(
            keypoints.joints[joint] for joint in np.flatnonzero(far[person])
        )

    upright = sideways & geometry.fit_only_upright(people, sizes)
    yield from _findings(file, problems.UPRIGHT_JOINTS, upright & ~impossible, place)
    rest = ~impossible & ~upright
    outside = geometry.outside(people, sizes) & rest
    yield from _findings(file, problems.OUTSIDE, outside, place)
    some = far.any(axis=1) & rest & ~outside
    yield from _findings(file, problems.JOINT_OUTSIDE, some, joints)


def _of_sides(
    file: PeopleFile, impossible: np.ndarray, keypoints: KeypointSet
) -> Iterator[Finding]:
    """Joints of the left that seem to be those of the right."""
    limbs = geometry.limbs_of(keypoints)
    if not limbs:
        return
    ratios = geometry.crossing(file.people.joints, file.people.visible, limbs)
    crossed = (ratios >= geometry.CROSSED_FROM).any(axis=1) & ~impossible

    def limb(person: int) -> str:
        worst = ratios[person].argmax()
        ends = [keypoints.joints[joint] for joint in limbs[worst][:2]]
        return (
            f"{' or '.join(ends)}: {ratios[person, worst]:.1f} times as long as crossed"
        )

    yield from _findings(file, problems.CROSSED, crossed, limb)


def _listed(values: np.ndarray) -> str:
    return f"[{', '.join(f'{value:g}' for value in values)}]"
