"""Dividing MPII's people into training, validation and test."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Iterator, List, Optional, Tuple

import numpy as np

from ...errors import UserError
from .release import Image, Rectangle
from .tompson import Split

PersonOnImage = Tuple[Image, Rectangle]


@dataclass
class People:
    """MPII's people by purpose, each list in the file's order.

    Attributes:
        train, val: the Tompson split.
        no_split: annotated people on the split's validation images whom the split does
            not list; they are used for neither training nor evaluation.
        test: people whose annotations are withheld.
        dropped: people in none of the other lists, each with the reason.
    """

    train: List[PersonOnImage] = field(default_factory=list)
    val: List[PersonOnImage] = field(default_factory=list)
    no_split: List[PersonOnImage] = field(default_factory=list)
    test: List[PersonOnImage] = field(default_factory=list)
    dropped: List[Tuple[PersonOnImage, str]] = field(default_factory=list)

    def reasons(self) -> List[Tuple[str, int]]:
        """Number of dropped people per reason, most frequent first."""
        return Counter(reason for _, reason in self.dropped).most_common()


def divide(images: List[Image], split: Split, path: str) -> People:
    """Divide the people of a release by purpose.

    As in the JSON files that HRNet distributes, people are trained on if at least one
    joint is annotated, occluded or not, and their image has no validation people.

    Args:
        images: all images of the release.
        split: validation people by image.
        path: file of the release, for messages.

    Raises:
        UserError: a validation person is missing from the release or incomplete.
    """
    _check_split(images, split, path)
    people = People()
    for image, rectangle in _all_people(images):
        person = (image, rectangle)
        reason = _why_dropped(image, rectangle)
        if reason:
            people.dropped.append((person, reason))
        elif not image.train:
            people.test.append(person)
        elif image.name not in split:
            people.train.append(person)
        elif rectangle.number in split[image.name]:
            people.val.append(person)
        else:
            people.no_split.append(person)
    return people


def has_joints(rectangle: Rectangle) -> bool:
    """Whether at least one joint is annotated."""
    return bool(np.isfinite(rectangle.joints).any())


def _all_people(images: List[Image]) -> Iterator[PersonOnImage]:
    return ((image, person) for image in images for person in image.rectangles)


def _why_dropped(image: Image, rectangle: Rectangle) -> Optional[str]:
    kind = "training" if image.train else "test"
    if image.train and not has_joints(rectangle):
        return f"{kind} image, no joint annotated"
    if rectangle.center is None:
        return f"{kind} image, no position (objpos)"
    if rectangle.scale is None or rectangle.scale <= 0:
        return f"{kind} image, no scale"
    return None


def _check_split(images: List[Image], split: Split, path: str) -> None:
    """Refuse a release in which a validation person is missing or incomplete."""
    found = {
        (image.name, person.number): _why_dropped(image, person)
        or ("no head box" if person.head_box is None else None)
        for image, person in _all_people(images)
        if image.train and person.number in split.get(image.name, ())
    }
    wanted = [(name, number) for name in split for number in sorted(split[name])]
    absent = [person for person in wanted if person not in found]
    if absent:
        name, number = absent[0]
        raise UserError(
            f"{path} lacks {len(absent)} of the {len(wanted)} people of the Tompson "
            f"validation split, first person {number} of {name}; "
            "mpii_human_pose_v1_u12_1.mat has them"
        )
    for name, number in wanted:
        if found[name, number]:
            raise UserError(
                f"{path}: person {number} of {name} is in the Tompson validation "
                f"split, but cannot be evaluated: {found[name, number]}"
            )
