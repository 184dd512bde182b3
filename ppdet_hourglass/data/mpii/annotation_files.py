"""MPII's people as annotation files: training, validation and test people.

The validation people are those of Tompson et al., "Efficient Object Localization Using
Convolutional Networks", CVPR 2015, as in all published figures.  MPII's own file does
not hold that split.  ``tompson_split.txt`` lists the people (1-based indices in
``annorect``) of each of its 2729 images, 2958 in all: ``RELEASE_img_index`` and
``RELEASE_person_index`` of the authors' ``detections.mat``, with images by name.
"""

import json
import logging
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Optional, Tuple

import numpy as np

from ...errors import UserError
from ...files import write_whole
from .mat_file import MAT_NAME, write_ground_truth
from .release import Image, Rectangle, read_release

logger = logging.getLogger(__name__)

SPLIT_FILE = Path(__file__).with_name("tompson_split.txt")

#: File with all test images, which the MPII evaluation needs.
LAYOUT_NAME = "mpii_test_layout.json"

#: Coordinates of a joint without annotation, and number of decimals, as in the files
#: that HRNet distributes.
MISSING, DECIMALS = -1.0, 3

#: Image name -> numbers of its validation people.
Split = Dict[str, FrozenSet[int]]

PersonOnImage = Tuple[Image, Rectangle]

Record = Dict[str, Any]


@dataclass
class Division:
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


def divide(images: List[Image], split: Split, path: str) -> Division:
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
    everybody = [(image, person) for image in images for person in image.rectangles]
    _check_split(everybody, split, path)
    people = Division()
    for person in everybody:
        image, rectangle = person
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


def _why_dropped(image: Image, rectangle: Rectangle) -> Optional[str]:
    kind = "training" if image.train else "test"
    if image.train and not has_joints(rectangle):
        return f"{kind} image, no joint annotated"
    if rectangle.center is None:
        return f"{kind} image, no position (objpos)"
    if rectangle.scale is None or rectangle.scale <= 0:
        return f"{kind} image, no scale"
    return None


def _check_split(everybody: List[PersonOnImage], split: Split, path: str) -> None:
    """Refuse a release in which a validation person is missing or incomplete."""
    found = {
        (image.name, person.number): _why_dropped(image, person)
        or ("no head box" if person.head_box is None else None)
        for image, person in everybody
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


def read_split() -> Split:
    """Read the split from the package's file."""
    split = {}
    for line in SPLIT_FILE.read_text(encoding="ascii").splitlines():
        stem, *numbers = line.split()
        split[f"{stem}.jpg"] = frozenset(map(int, numbers))
    return split


def make_record(person: PersonOnImage) -> Record:
    """Make a record with the public files' keys, in their order, plus ``head_box``.

    ``joints`` and ``joints_vis`` are left out if no joint is annotated, ``head_box`` if
    the person has none.  Positions are 1-based pixels.
    """
    image, rectangle = person
    record: Record = {}
    if has_joints(rectangle):
        annotated = np.isfinite(rectangle.joints).all(axis=1)
        joints = np.where(annotated[:, None], rectangle.joints, MISSING)
        record["joints_vis"] = annotated.astype(int).tolist()
        record["joints"] = _rounded(joints)
    record["image"] = image.name
    record["scale"] = _rounded(np.asarray(rectangle.scale))
    record["center"] = _rounded(np.asarray(rectangle.center))
    if rectangle.head_box is not None:
        record["head_box"] = _rounded(rectangle.head_box)
    return record


def make_test_record(person: PersonOnImage) -> Record:
    """Make a record of a person on a test image, with what the evaluation needs.

    ``rectangle`` is the person's 1-based index in the image's ``annorect``;
    ``single_person`` is whether the single-person evaluation counts the person.
    """
    image, rectangle = person
    return {
        **make_record(person),
        "rectangle": rectangle.number,
        "single_person": rectangle.number in image.single,
    }


def layout_of(images: List[Image]) -> List[Dict[str, Any]]:
    """List every test image with the centre of each rectangle, None if it has none.

    The MPII evaluation addresses people by image and rectangle index, so a prediction
    file must hold all of them, predicted or not.  Centres are 1-based pixels.
    """
    return [
        {
            "image": image.name,
            "rectangles": [
                None if person.center is None else _rounded(person.center)
                for person in image.rectangles
            ],
        }
        for image in images
        if not image.train
    ]


def _rounded(values: np.ndarray) -> Any:
    """Round as ``%.3f`` does; ``np.round`` can differ in the last digit."""
    flat = [round(value, DECIMALS) for value in np.ravel(values).tolist()]
    return np.array(flat, np.float64).reshape(values.shape).tolist()


def prepare_mpii(mat: str, folder: str, force: bool = False) -> None:
    """Convert MPII's own annotation file to those that this package reads.

    Args:
        mat: ``mpii_human_pose_v1_u12_1.mat``.
        folder: folder to write to.
        force: replace existing files.

    Raises:
        UserError: the file is wrong, or a file to write exists or cannot be written.
    """
    names = ["mpii_train.json", "mpii_val.json", "mpii_no_split.json", "mpii_test.json"]
    names += [LAYOUT_NAME, MAT_NAME]
    present = [name for name in names if os.path.exists(os.path.join(folder, name))]
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise UserError(f"{folder} must be a folder, but is a file")
    if present and not force:
        raise UserError(
            f"{folder} already holds {', '.join(present)}; --force replaces them"
        )
    logger.info(f"reading {mat} (half a minute)")
    images = read_release(mat)
    people = divide(images, read_split(), mat)
    _report(images, people)
    contents = (
        *(map(make_record, part) for part in (people.train, people.val)),
        map(make_record, people.no_split),
        map(make_test_record, people.test),
        layout_of(images),
    )
    for name, records in zip(names, contents):
        path = os.path.join(folder, name)
        write_whole(path, json.dumps(list(records), separators=(",", ":")).encode())
        logger.info(f"wrote {path}")
    # The validation people's joints are not rounded, unlike those in the JSON.
    joints = np.array([rectangle.joints for _, rectangle in people.val])
    heads = np.array([rectangle.head_box for _, rectangle in people.val])
    path = os.path.join(folder, MAT_NAME)
    write_ground_truth(path, joints, np.isfinite(joints).all(axis=2), heads)
    logger.info(f"wrote {path}")


def _report(images: List[Image], people: Division) -> None:
    """Log the number of people per file, those dropped, and anything unusual."""
    for name, purpose in (
        ("train", "for training"),
        ("val", "for validation"),
        ("no_split", "on validation images, but not in the split"),
        ("test", "on test images"),
    ):
        chosen: List[PersonOnImage] = getattr(people, name)
        count = len({image.name for image, _ in chosen})
        logger.info(f"{len(chosen)} people on {count} images {purpose}")
    reasons = Counter(reason for _, reason in people.dropped)
    for reason, number in reasons.most_common():
        logger.info(f"dropped {number} people: {reason}")
    for (image, rectangle), reason in people.dropped:
        logger.debug(f"dropped person {rectangle.number} of {image.name}: {reason}")
    empty = sum(not image.rectangles for image in images)
    if empty:
        logger.info(f"{empty} images have no people")
    kept = [*people.train, *people.val, *people.no_split]
    repeated = sum(rectangle.repeated for _, rectangle in kept)
    if repeated:
        logger.info(f"{repeated} joints are annotated twice: the last one counts")
    headless = sum(rectangle.head_box is None for _, rectangle in kept)
    if headless:
        logger.info(f"{headless} people have no head box and get no 'head_box'")
