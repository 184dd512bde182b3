"""``labelme``: convert labelme's files to annotations in COCO's layout."""

import argparse
import json
import logging
import os

from ..errors import UserError
from ..files import check_writable, write_whole

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folders, the keypoint file and the split."""
    parser.add_argument("folder", help="folder of labelme's *.json")
    parser.add_argument("output", help="folder to write the two files to")
    parser.add_argument(
        "--keypoints", required=True, metavar="FILE", help="keypoint file"
    )
    parser.add_argument(
        "--every",
        type=int,
        default=10,
        metavar="N",
        help="use every N-th image for validation (default: %(default)s)",
    )
    parser.add_argument("--force", action="store_true", help="replace existing files")


def run(args: argparse.Namespace) -> None:
    """Convert, split and write."""
    from ..data.labelme import labelme_to_coco, split
    from ..keypoints.keypoint_file import read_keypoints

    if args.every < 2:
        raise UserError(f"--every must be at least 2, but got {args.every}")
    paths = [os.path.join(args.output, f"{name}.json") for name in ("train", "val")]
    for path in paths:
        if os.path.exists(path) and not args.force:
            raise UserError(f"{path} exists: add --force to replace it")
    if os.path.realpath(args.folder) == os.path.realpath(args.output):
        raise UserError(f"{args.output} holds labelme's files: name another folder")
    check_writable(args.output)
    content = labelme_to_coco(args.folder, read_keypoints(args.keypoints))
    if len(content["images"]) < args.every:
        raise UserError(
            f"{args.folder} has {len(content['images'])} images, which leaves none for "
            f"validation with --every {args.every}"
        )
    for path, part in zip(paths, split(content, args.every)):
        write_whole(path, json.dumps(part).encode())
        counts = f"{len(part['images'])} images, {len(part['annotations'])} people"
        logger.info(f"{path}: {counts}")
