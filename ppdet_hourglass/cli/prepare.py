"""``prepare``: cut the training people out of their pictures once."""

import argparse
import logging
import os
import shutil
import time
from typing import Any, Dict, Sequence

from .. import __version__
from ..errors import UserError
from ..files import check_writable
from .options import add_config, add_workers, check_workers

logger = logging.getLogger(__name__)

DETAILS = (
    "Each person of the config's TrainDataset becomes a small picture that training "
    "reads many times faster. The same command goes on after an interruption."
)

MADE_BY = f"ppdet_hourglass {__version__}"

#: Seconds between two lines of progress.
PROGRESS_SECONDS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the config, the folder and the number of processes."""
    add_config(parser)
    parser.add_argument(
        "--output", required=True, metavar="DIR", help="folder for the people"
    )
    add_workers(parser)
    parser.add_argument(
        "--force", action="store_true", help="replace people prepared otherwise"
    )


def run(args: argparse.Namespace) -> None:
    """Cut out the people who are not there yet, then write the annotations."""
    from ..compat.config import load
    from ..data.any_dataset import people_in
    from ..data.config_facts import fill_config
    from ..data.prepared import write_manifest, write_people

    check_workers(args)
    cfg = load(args.config, args.opt)
    keypoints = fill_config(cfg)
    people = people_in(cfg["TrainDataset"], keypoints)
    _begin(args.output, cfg, args.force)
    sizes, matrices = _cut_out(people, cfg, args.output, args.workers)
    write_people(args.output, people, sizes, matrices)
    write_manifest(args.output, cfg, made_by=MADE_BY, people=len(people), finished=True)
    logger.info(f"{args.output}: train with -o prepared={args.output}")


def _begin(folder: str, cfg: Any, force: bool) -> None:
    """Make the folder, or check that it was begun for the same config."""
    from ..data.prepared import (
        IMAGES,
        difference,
        read_manifest,
        recipe,
        write_manifest,
    )

    check_writable(folder)
    manifest = read_manifest(folder)
    if not manifest and os.listdir(folder):
        raise UserError(
            f"{folder} holds other files, and no manifest.json: name an empty folder"
        )
    differs = difference(manifest, recipe(cfg)) if manifest else ""
    if differs and not force:
        raise UserError(
            f"{folder} is prepared for {differs}: name another folder, or add --force "
            "to replace its people"
        )
    if differs:
        shutil.rmtree(os.path.join(folder, IMAGES), ignore_errors=True)
    write_manifest(folder, cfg, made_by=MADE_BY, finished=False)


def _cut_out(
    people: Sequence[Dict[str, Any]], cfg: Any, folder: str, workers: int
) -> Any:
    """Sizes (N, 2) of the images, and matrices (N, 3, 3) to the people's pictures."""
    import numpy as np

    from ..compat.stock import JOINTS_KEY
    from ..data.cutting import crops_of, reach
    from ..data.prepared import IMAGES, QUALITY, augmentation_of, picture_name
    from ..data.preparing import Job, cut_out_all

    augmentation = augmentation_of(cfg)

    def job(index: int, person: Dict[str, Any]) -> Job:
        joints, visible = person[JOINTS_KEY][:, :2], person["joints_vis"][:, 0]
        crop = person["center"], person["scale"], joints, visible
        return Job(
            image=person["image_file"],
            picture=os.path.join(folder, IMAGES, picture_name(index)),
            crops=crops_of(*crop, augmentation),
            reach=reach(augmentation),
            input_width=augmentation.trainsize[0],
            quality=QUALITY,
        )

    jobs = [job(*item) for item in enumerate(people)]
    done = []
    start = said = time.monotonic()
    for result in cut_out_all(jobs, workers):
        done.append(result)
        now = time.monotonic()
        if now - said > PROGRESS_SECONDS or len(done) == len(jobs):
            said = now
            rate = len(done) / (now - start)
            logger.info(f"{len(done)} of {len(jobs)} people, {rate:.0f} a second")
    sizes, matrices = zip(*done)
    return np.array(sizes), np.array(matrices)
