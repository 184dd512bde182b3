"""``check-data``: look for faults in a config's people and their images."""

import argparse
import json
import logging
import os
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

from ..errors import UserError
from .options import add_config, add_workers, check_least

if TYPE_CHECKING:
    from ..data.checks.people_file import PeopleFile
    from ..data.checks.problems import Finding

logger = logging.getLogger(__name__)

DETAILS = (
    "Errors are certain; suspects need a look at the picture. Exit status: 1 if there "
    "are errors, even if --write-clean wrote a file without them."
)

SPLITS = {"train": ("TrainDataset",), "eval": ("EvalDataset",)}
SPLITS["both"] = SPLITS["train"] + SPLITS["eval"]

#: Records of each problem that the table names.
FIRST = 3

#: A data set's annotation file, and what was found in it.
Checked = Dict[str, Tuple["PeopleFile", List["Finding"]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the config, what to check, and the files to write."""
    add_config(parser)
    parser.add_argument(
        "--split",
        choices=SPLITS,
        default="both",
        help="the data sets to check (default: %(default)s)",
    )
    parser.add_argument(
        "--decode",
        action="store_true",
        help="decode every picture; otherwise only its header and its end are read",
    )
    add_workers(parser)
    parser.add_argument("--json", metavar="FILE", help="write every finding")
    parser.add_argument(
        "--page",
        metavar="FILE",
        help="write a page with the pictures of the first people of each problem",
    )
    parser.add_argument(
        "--write-clean",
        metavar="FILE",
        help="write the annotations without the records that have errors; needs "
        "--split train or --split eval",
    )


def run(args: argparse.Namespace) -> None:
    """Check, print the table, write the files; UserError if there are errors."""
    from ..compat.config import load
    from ..data.checks.problems import faulty
    from ..files import check_file_writable, write_whole

    check_least(args, workers=1)
    if args.write_clean and args.split == "both":
        raise UserError(
            "--write-clean writes one file: add --split train or --split eval"
        )
    for path in filter(None, (args.json, args.page, args.write_clean)):
        check_file_writable(path)
    cfg = load(args.config, args.opt)
    checked = _check(cfg, args)
    for name, (file, found) in checked.items():
        print(f"{name}, {file.path}: {_count(len(file.records))}")
        print(_table(found))
    if args.json:
        write_whole(args.json, json.dumps(_as_json(checked), indent=1).encode())
    if args.page:
        write_whole(args.page, _page(cfg, checked).encode())
        logger.info(f"page written to {args.page}; open it in a browser")
    for file, found in checked.values() if args.write_clean else ():
        wrong = faulty(found)
        file.write_without(wrong, args.write_clean)
        logger.info(f"{args.write_clean}: {len(file.records) - len(wrong)} records")
    errors = sum(len(faulty(found)) for _, found in checked.values())
    if errors:
        raise UserError(f"{_count(errors)} with errors")


def _count(records: int) -> str:
    return f"{records} record{'' if records == 1 else 's'}"


def _check(cfg: Any, args: argparse.Namespace) -> Checked:
    """Check each data set of the split."""
    from tqdm import tqdm

    from ..data.any_dataset import image_folder
    from ..data.checks.check import check_people
    from ..data.checks.people_file import read_people_file
    from ..data.config_facts import fill_config

    keypoints = fill_config(cfg)
    checked: Checked = {}
    for name in SPLITS[args.split]:
        dataset = cfg[name]
        path, folder = dataset.get_anno(), image_folder(dataset)
        if not os.path.isdir(folder):
            raise UserError(f"{name}: image folder {folder} does not exist")
        need_joints = not getattr(dataset, "test_mode", False)
        file = read_people_file(path, len(keypoints), need_joints)
        images = len(set(file.people.images))

        def progress(pictures: Any, total: int = images, what: str = name) -> Any:
            return tqdm(pictures, what, total, unit=" picture", disable=None)

        found = check_people(
            file, folder, keypoints, args.decode, args.workers, progress
        )
        checked[name] = file, found
    return checked


def _page(cfg: Any, checked: Checked) -> str:
    from ..data.any_dataset import image_folder
    from ..keypoints.keypoint_file import read_keypoints
    from ..report.data_pages import faults_page

    files = [(*those, image_folder(cfg[name])) for name, those in checked.items()]
    return faults_page(files, read_keypoints(cfg["keypoints"]))


def _table(found: List["Finding"]) -> str:
    """One line per problem, with the first records that have it."""
    from ..data.checks.problems import PROBLEMS

    lines = []
    for problem in PROBLEMS:
        those = [finding for finding in found if finding.problem == problem]
        kind = "error" if problem.is_error else "suspect"
        if those:
            lines.append(f"  {kind:8} {problem.name:38} {len(those):6}")
        for finding in those[:FIRST]:
            lines.append(
                f"{'':11}record {finding.record} ({finding.image}): {finding.detail}"
            )
    return "\n".join(lines) or "  nothing found"


def _as_json(checked: Checked) -> Dict[str, Any]:
    return {
        name: {
            "annotations": file.path,
            "records": len(file.records),
            "findings": [
                {
                    "problem": finding.problem.name,
                    "error": finding.problem.is_error,
                    "record": finding.record,
                    "image": finding.image,
                    "detail": finding.detail,
                }
                for finding in found
            ],
        }
        for name, (file, found) in checked.items()
    }
