"""``prepare-mpii``: MPII's own annotation file as this package's files."""

import argparse
import json
import logging
import os
from typing import Any, Callable, Dict, List

import numpy as np

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


HELP = (
    "Prepare MPII's own annotation file.\n\n"
    "It writes mpii_train.json, mpii_val.json and mpii_gt_val.mat of the Tompson "
    "split, and the test people."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add MPII's file and the folder to write."""
    parser.add_argument("mat", help="mpii_human_pose_v1_u12_1.mat")
    parser.add_argument(
        "output", help="folder to write, such as dataset/mpii/annotations"
    )
    parser.add_argument("--force", action="store_true", help="replace files there")
    parser.add_argument(
        "--verbose", action="store_true", help="name each person that is dropped"
    )


def run(args: argparse.Namespace) -> None:
    """Read, divide, and write all files.

    Raises:
        UserError: the file is not MPII's, or the folder holds such files already.
    """
    if args.verbose:
        show_log(logging.DEBUG)
    makers = {**_json_files(), MAT_NAME: _write_ground_truth}
    _check_output(args.output, list(makers), args.force)
    logger.info(f"reading {args.mat} (half a minute)")
    images = read_release(args.mat)
    people = divide(images, read_split(), args.mat)
    _report(images, people)
    for name, write in makers.items():
        write(os.path.join(args.output, name), images, people)
        logger.info(f"wrote {os.path.join(args.output, name)}")


Writer = Callable[[str, List[Image], People], None]


def _json_files() -> Dict[str, Writer]:
    contents: Dict[str, Callable[[List[Image], People], List[Any]]] = {
        "mpii_train.json": lambda _, people: list(map(make_record, people.train)),
        "mpii_val.json": lambda _, people: list(map(make_record, people.val)),
        "mpii_no_split.json": lambda _, people: list(map(make_record, people.no_split)),
        "mpii_test.json": lambda _, people: list(map(make_test_record, people.test)),
        LAYOUT_NAME: lambda images, _: layout_of(images),
    }
    return {name: _json_writer(content) for name, content in contents.items()}


def _json_writer(content: Callable[[List[Image], People], List[Any]]) -> Writer:
    def write(path: str, images: List[Image], people: People) -> None:
        text = json.dumps(content(images, people), separators=(",", ":"))
        write_whole(path, text.encode())

    return write


def _write_ground_truth(path: str, _: List[Image], people: People) -> None:
    """Unrounded, unlike the JSON."""
    joints = np.array([rectangle.joints for _, rectangle in people.val])
    heads = np.array([rectangle.head_box for _, rectangle in people.val])
    write_ground_truth(path, joints, np.isfinite(joints).all(axis=2), heads)


def _check_output(folder: str, names: List[str], force: bool) -> None:
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise UserError(f"{folder} must be a folder, but is a file")
    present = [name for name in names if os.path.exists(os.path.join(folder, name))]
    if present and not force:
        raise UserError(
            f"{folder} already holds {', '.join(present)}; --force replaces them"
        )


def _report(images: List[Image], people: People) -> None:
    """What goes where, what is dropped, and what is odd."""
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
        logger.info(f"{empty} images have no person")
    kept = [*people.train, *people.val, *people.no_split]
    repeated = sum(rectangle.repeated for _, rectangle in kept)
    if repeated:
        logger.info(f"{repeated} joints are annotated twice: the last one counts")
    headless = sum(rectangle.head_box is None for _, rectangle in kept)
    if headless:
        logger.info(f"{headless} people have no head box and go without 'head_box'")
