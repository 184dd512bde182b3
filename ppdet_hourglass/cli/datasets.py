"""Commands that make or check data sets."""

import argparse
import json
import logging
import os
from functools import partial

from .. import __version__
from ..errors import UserError
from .options import add_config, add_workers, check_least
from .runner import show_log

logger = logging.getLogger(__name__)

#: Data sets of each split.
SPLITS = {"train": ("TrainDataset",), "eval": ("EvalDataset",)}
SPLITS["both"] = SPLITS["train"] + SPLITS["eval"]


def add_prepare(parser: argparse.ArgumentParser) -> None:
    """Add the config, the folder and the number of processes."""
    parser.description += (
        " Each person of the config's TrainDataset becomes a small image, which "
        "training reads many times faster. After an interruption, the same command "
        "continues."
    )
    add_config(parser)
    parser.add_argument(
        "--output", required=True, metavar="DIR", help="folder for the people"
    )
    add_workers(parser)
    parser.add_argument(
        "--force", action="store_true", help="replace people from another config"
    )


def run_prepare(args: argparse.Namespace) -> None:
    """Crop the people that are still missing, then write the annotations."""
    from ..compat.config import load
    from ..data.prepared import prepare_people

    check_least(args, workers=1)
    cfg = load(args.config, args.opt)
    made_by = f"ppdet_hourglass {__version__}"
    prepare_people(cfg, args.output, args.workers, args.force, made_by)


def add_prepare_mpii(parser: argparse.ArgumentParser) -> None:
    """Add MPII's file and the folder to write to."""
    parser.description += (
        " It writes mpii_train.json, mpii_val.json and mpii_gt_val.mat of the Tompson "
        "split, and the test people."
    )
    parser.add_argument("mat", help="mpii_human_pose_v1_u12_1.mat")
    parser.add_argument(
        "output", help="folder to write to, such as dataset/mpii/annotations"
    )
    parser.add_argument("--force", action="store_true", help="replace existing files")
    parser.add_argument(
        "--verbose", action="store_true", help="log each person who is dropped"
    )


def run_prepare_mpii(args: argparse.Namespace) -> None:
    """Read MPII's file, divide its people, and write all files."""
    from ..data.mpii.annotation_files import prepare_mpii

    if args.verbose:
        show_log(logging.DEBUG)
    prepare_mpii(args.mat, args.output, args.force)


def add_check_data(parser: argparse.ArgumentParser) -> None:
    """Add the config, what to check, and the files to write."""
    parser.description += (
        " Errors are certain; suspects need a look at the image. The exit status is 1 "
        "if there are errors, even if --write-clean wrote a file without them."
    )
    add_config(parser)
    parser.add_argument(
        "--split",
        choices=SPLITS,
        default="both",
        help="data sets to check (default: %(default)s)",
    )
    parser.add_argument(
        "--decode",
        action="store_true",
        help="decode every image; otherwise only its header and its end are read",
    )
    add_workers(parser)
    parser.add_argument("--json", metavar="FILE", help="write every finding")
    parser.add_argument(
        "--page",
        metavar="FILE",
        help="write a page with the images of the first people of each problem",
    )
    parser.add_argument(
        "--write-clean",
        metavar="FILE",
        help="write the annotations without the records that have errors; needs "
        "--split train or --split eval",
    )


def run_check_data(args: argparse.Namespace) -> None:
    """Check, print the table and write the files; UserError if there are errors."""
    from tqdm import tqdm

    from ..compat.config import load
    from ..data.checks.check import check_people
    from ..data.config_facts import fill_config
    from ..data.people_dataset import image_folder
    from ..files import check_file_writable, write_whole

    check_least(args, workers=1)
    if args.write_clean and args.split == "both":
        raise UserError(
            "--write-clean writes one file: add --split train or --split eval"
        )
    for path in filter(None, (args.json, args.page, args.write_clean)):
        check_file_writable(path)
    cfg = load(args.config, args.opt)
    keypoints = fill_config(cfg)
    checked = {}
    for name in SPLITS[args.split]:
        path, folder = cfg[name].get_anno(), image_folder(cfg[name])
        if not os.path.isdir(folder):
            raise UserError(f"{name}: image folder {folder} does not exist")
        checked[name] = check_people(
            path,
            folder,
            keypoints,
            not getattr(cfg[name], "test_mode", False),
            args.decode,
            args.workers,
            partial(tqdm, desc=name, unit=" image", disable=None),
        )
        print(f"{name}, {path}: {_count(checked[name].people.total)}")
        print(checked[name].table())
    if args.json:
        content = {name: found.as_json() for name, found in checked.items()}
        write_whole(args.json, json.dumps(content, indent=1).encode())
    if args.page:
        from ..report.data_pages import faults_page

        page = faults_page(list(checked.values()), keypoints)
        write_whole(args.page, page.encode())
        logger.info(f"page written to {args.page}; open it in a browser")
    for found in checked.values() if args.write_clean else ():
        left = found.write_clean(args.write_clean)
        logger.info(f"{args.write_clean}: {_count(left)}")
    errors = sum(len(found.faulty) for found in checked.values())
    if errors:
        raise UserError(f"{_count(errors)} with errors")


def _count(records: int) -> str:
    return f"{records} record{'' if records == 1 else 's'}"


def add_labelme(parser: argparse.ArgumentParser) -> None:
    """Add the folders, the keypoint file and the split."""
    parser.add_argument("folder", help="folder of labelme's *.json files")
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


def run_labelme(args: argparse.Namespace) -> None:
    """Convert, split and write."""
    from ..data.labelme import write_labelme
    from ..keypoints.keypoint_set import read_keypoints

    check_least(args, every=2)
    keypoints = read_keypoints(args.keypoints)
    write_labelme(args.folder, args.output, keypoints, args.every, args.force)


def add_sample(parser: argparse.ArgumentParser) -> None:
    """Add the folder, the numbers of images and the seed."""
    parser.add_argument("folder", help="folder to write")
    parser.add_argument(
        "--train", type=int, default=2400, help="number of training images"
    )
    parser.add_argument(
        "--val", type=int, default=300, help="number of validation images"
    )
    parser.add_argument("--seed", type=int, default=0, help="random seed of the people")


def run_sample(args: argparse.Namespace) -> None:
    """Draw and write the data set."""
    from ..sample import write_sample_dataset

    folder = write_sample_dataset(
        args.folder, train=args.train, val=args.val, seed=args.seed
    )
    logger.info(f"sample people written to {folder}")
