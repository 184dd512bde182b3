"""``prepare-mpii``: convert MPII's own annotation file to this package's files."""

import argparse
import json
import logging
import os
from typing import List

import numpy as np

from ..data.mpii.details import details_name, make_details
from ..data.mpii.division import People, PersonOnImage, divide
from ..data.mpii.ground_truth_file import MAT_NAME, write_ground_truth
from ..data.mpii.records import layout_of, make_record, make_test_record
from ..data.mpii.release import Image, read_release
from ..data.mpii.tompson import read_split
from ..errors import UserError
from ..files import write_whole
from ..metrics.submission import LAYOUT_NAME
from .runner import show_log

logger = logging.getLogger(__name__)

DETAILS = (
    "It writes mpii_train.json, mpii_val.json and mpii_gt_val.mat of the Tompson "
    "split, and the test people; files of activities and occluded joints beside them."
)

#: The JSON files, in the order of :func:`_write_json`.
JSON_NAMES = (
    *("mpii_train.json", "mpii_val.json", "mpii_no_split.json"),
    *("mpii_test.json", LAYOUT_NAME),
    *map(details_name, ("mpii_train.json", "mpii_val.json")),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add MPII's file and the folder to write to."""
    parser.add_argument("mat", help="mpii_human_pose_v1_u12_1.mat")
    parser.add_argument(
        "output", help="folder to write to, such as dataset/mpii/annotations"
    )
    parser.add_argument("--force", action="store_true", help="replace existing files")
    parser.add_argument(
        "--verbose", action="store_true", help="log each person who is dropped"
    )


def run(args: argparse.Namespace) -> None:
    """Read MPII's file, divide its people, and write all files."""
    if args.verbose:
        show_log(logging.DEBUG)
    _check_output(args.output, args.force)
    logger.info(f"reading {args.mat} (half a minute)")
    images = read_release(args.mat)
    people = divide(images, read_split(), args.mat)
    _report(images, people)
    _write_json(args.output, images, people)
    _write_ground_truth(os.path.join(args.output, MAT_NAME), people)


def _write_json(folder: str, images: List[Image], people: People) -> None:
    contents = (
        map(make_record, people.train),
        map(make_record, people.val),
        map(make_record, people.no_split),
        map(make_test_record, people.test),
        layout_of(images),
        map(make_details, people.train),
        map(make_details, people.val),
    )
    for name, records in zip(JSON_NAMES, contents):
        path = os.path.join(folder, name)
        text = json.dumps(list(records), separators=(",", ":"))
        write_whole(path, text.encode())
        logger.info(f"wrote {path}")


def _write_ground_truth(path: str, people: People) -> None:
    """Write the validation people's joints, unrounded, unlike in the JSON."""
    joints = np.array([rectangle.joints for _, rectangle in people.val])
    heads = np.array([rectangle.head_box for _, rectangle in people.val])
    write_ground_truth(path, joints, np.isfinite(joints).all(axis=2), heads)
    logger.info(f"wrote {path}")


def _check_output(folder: str, force: bool) -> None:
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise UserError(f"{folder} must be a folder, but is a file")
    names = [*JSON_NAMES, MAT_NAME]
    present = [name for name in names if os.path.exists(os.path.join(folder, name))]
    if present and not force:
        raise UserError(
            f"{folder} already holds {', '.join(present)}; --force replaces them"
        )


def _report(images: List[Image], people: People) -> None:
    """Log how many people go where, who is dropped, and what is unusual."""
    for name, purpose in (
        ("train", "for training"),
        ("val", "for validation"),
        ("no_split", "on validation images, but not in the split"),
        ("test", "on test images"),
    ):
        chosen: List[PersonOnImage] = getattr(people, name)
        count = len({image.name for image, _ in chosen})
        logger.info(f"{len(chosen)} people on {count} images {purpose}")
    for reason, number in people.reasons():
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
