"""``python -m ppdet_hourglass``: everything beside training and evaluation."""

import argparse
import json
import logging
import os
import sys
from typing import Any, List, Optional

from . import __version__, checkout
from .engine.guard import guarded
from .engine.log import show_log
from .errors import UserError
from .files import write_whole

logger = logging.getLogger(__package__)


def parse(argv: Optional[List[str]] = None) -> argparse.Namespace:
    """Subcommands and their options."""
    parser = argparse.ArgumentParser(
        prog="python -m ppdet_hourglass",
        description="Hourglass human pose estimation for PaddleDetection.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)

    install = commands.add_parser(
        "install", help="put the configs into a PaddleDetection checkout"
    )
    install.add_argument("checkout", help="folder of the checkout")
    install.set_defaults(run=_install)

    uninstall = commands.add_parser("uninstall", help="take them out again")
    uninstall.add_argument("checkout", help="folder of the checkout")
    uninstall.set_defaults(run=_uninstall)

    sample = commands.add_parser("sample", help="write a data set of drawn people")
    sample.add_argument("folder", help="folder to write, in MPII's layout")
    sample.add_argument("--train", type=int, default=2400, help="training images")
    sample.add_argument("--val", type=int, default=300, help="validation images")
    sample.add_argument("--seed", type=int, default=0, help="other seed, other people")
    sample.set_defaults(run=_sample)

    _add_labelme(commands)
    _add_grid(commands)
    return parser.parse_args(argv)


def _add_labelme(commands: Any) -> None:
    labelme = commands.add_parser(
        "labelme", help="turn labelme's files into train.json and val.json"
    )
    labelme.add_argument("folder", help="folder of labelme's *.json")
    labelme.add_argument("output", help="folder to write the two files to")
    labelme.add_argument("--keypoints", required=True, help="keypoint file")
    labelme.add_argument(
        "--every",
        type=int,
        default=10,
        help="every how many-th image is for validation (default: %(default)s)",
    )
    labelme.add_argument("--force", action="store_true", help="replace the two files")
    labelme.set_defaults(run=_labelme)


def _add_grid(commands: Any) -> None:
    grid = commands.add_parser(
        "grid", help="draw predictions beside the ground truth, as one picture"
    )
    grid.add_argument("results", help="keypoints_results.json of an evaluation")
    grid.add_argument("output", help="picture to write, .png or .jpg")
    grid.add_argument("--dataset", required=True, help="folder of the data set")
    grid.add_argument("--annotations", default="annotations/mpii_val.json")
    grid.add_argument(
        "--keypoints", default="mpii", help="keypoint file (default: %(default)s)"
    )
    grid.add_argument("--people", type=int, default=12, help="people to draw")
    grid.set_defaults(run=_grid)


def _install(args: argparse.Namespace) -> None:
    written = checkout.install(args.checkout)
    for name in written:
        logger.info(f"wrote {name}")
    logger.info(
        f"{len(written)} configs written to {args.checkout}; there, run:  "
        "python tools/train.py -c configs/hourglass_mpii_256.yml --eval\n"
        f"undo with:  python -m ppdet_hourglass uninstall {args.checkout}"
    )


def _uninstall(args: argparse.Namespace) -> None:
    done = checkout.uninstall(args.checkout)
    for name in done["removed"]:
        logger.info(f"removed {name}")
    for name in done["kept"]:
        logger.warning(f"kept {name}: it was edited since it was installed")


def _sample(args: argparse.Namespace) -> None:
    from .sample import write_sample_dataset

    folder = write_sample_dataset(
        args.folder, train=args.train, val=args.val, seed=args.seed
    )
    logger.info(f"sample people are in {folder}")


def _labelme(args: argparse.Namespace) -> None:
    from .data.labelme import labelme_to_coco, split
    from .keypoint_file import read_keypoints

    if args.every < 2:
        raise UserError(f"--every must be at least 2, but got {args.every}")
    paths = [os.path.join(args.output, f"{name}.json") for name in ("train", "val")]
    for path in paths:
        if os.path.exists(path) and not args.force:
            raise UserError(f"{path} exists: add --force to replace it")
    if os.path.realpath(args.folder) == os.path.realpath(args.output):
        raise UserError(f"{args.output} holds labelme's files: name another folder")
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


def _grid(args: argparse.Namespace) -> None:
    from .drawing import draw_results
    from .keypoint_file import read_keypoints

    draw_results(
        args.results,
        args.output,
        args.dataset,
        args.annotations,
        args.people,
        read_keypoints(args.keypoints),
    )
    logger.info(f"picture written to {args.output}")


def main(argv: Optional[List[str]] = None) -> int:
    """Command line; returns the exit status."""
    args = parse(argv)
    show_log()
    return guarded(lambda: args.run(args))


if __name__ == "__main__":
    sys.exit(main())
