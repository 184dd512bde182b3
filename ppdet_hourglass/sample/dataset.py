"""Writing the sample people as a folder in MPII's layout."""

import json
import logging
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Dict, List, Union

import cv2
import numpy as np
from tqdm import tqdm

from ..data.mpii.annotation_files import Record, make_record
from ..data.mpii.mat_file import MAT_NAME, write_ground_truth
from ..data.mpii.release import Image
from ..errors import UserError
from ..files import check_writable, read_json
from .image import sample_image

logger = logging.getLogger(__name__)

#: To be raised whenever the same parameters give other images or records.
VERSION = 3
#: File that records the parameters of a set, which determine its files.
RECEIPT = "sample.json"
#: First digit of a split's image names; readers convert the names to integers.
_SPLITS = {"train": 1, "val": 2}

Parameters = Dict[str, Any]


def write_sample_dataset(
    folder: Union[str, Path], train: int = 2400, val: int = 300, seed: int = 0
) -> Path:
    """Draw images of people and write them with their annotations.

    The folder gets ``images/`` and ``annotations/`` with ``mpii_train.json``,
    ``mpii_val.json`` and ``mpii_gt_val.mat``.  It appears complete or not at all.  A
    complete set with the same parameters is kept; an earlier set with others is
    replaced.  Image i depends only on the seed, the split and i.  Returns the folder's
    absolute path.

    Args:
        folder: folder to write.
        train, val: numbers of images, at least 1.
        seed: seed of the random numbers, at least 0.

    Raises:
        UserError: a number is too low, or the folder holds a file that no earlier set
            wrote.
    """
    numbers = {"train": train, "val": val, "seed": seed}
    for name, least in {"train": 1, "val": 1, "seed": 0}.items():
        if numbers[name] < least:
            raise UserError(
                f"sample {name} must be at least {least}, but got {numbers[name]}"
            )
    parameters = {"made_by": __name__, "version": VERSION, **numbers}
    folder = Path(folder).resolve()
    if _holds(folder, parameters):
        logger.info("%s already holds these sample people", folder)
        return folder
    check_writable(str(folder.parent))
    with TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as staging:
        people = _write_all(Path(staging) / "set", parameters)
        _holds(folder, parameters)  # refuses files that were added meanwhile
        if folder.exists():
            folder.rename(Path(staging) / "earlier")
        (Path(staging) / "set").rename(folder)
    logger.info("Wrote %d images of %d people to %s", train + val, people, folder)
    return folder


def _holds(folder: Path, parameters: Parameters) -> bool:
    """Whether ``folder`` already holds the complete set of the parameters.

    Raises:
        UserError: replacing the folder would lose a file.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} must be a folder, but is a file")
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    receipt, own = None, set()
    with suppress(UserError, TypeError, KeyError):
        receipt = read_json(str(folder / RECEIPT), "receipt")
        if receipt["made_by"] == __name__:
            own = {RECEIPT, "images", "annotations", f"annotations/{MAT_NAME}"}
            own |= {f"annotations/mpii_{split}.json" for split in _SPLITS}
            for split in _SPLITS:
                numbers = range(receipt[split])
                own |= {f"images/{_image_name(split, i)}" for i in numbers}
    if own and receipt == parameters and own <= present:
        return True
    if present - own:
        raise UserError(
            f"{folder} holds {min(present - own)}, which does not belong to a set of "
            "sample people and would be lost: move it away, or choose another folder"
        )
    return False


def _image_name(split: str, index: int) -> str:
    return f"{_SPLITS[split]}{index:08d}.jpg"


def _write_all(folder: Path, parameters: Parameters) -> int:
    """Write a whole set to a new folder; returns its number of people."""
    for subfolder in ("images", "annotations"):
        (folder / subfolder).mkdir(parents=True)
    total = sum(parameters[split] for split in _SPLITS)
    with tqdm(total=total, desc="sample people", unit="image") as bar:
        people = {s: _write_images(folder, s, parameters, bar) for s in _SPLITS}
    joints, annotated, head_boxes = (
        np.array([record[key] for record in people["val"]])
        for key in ("joints", "joints_vis", "head_box")
    )
    truth = str(folder / "annotations" / MAT_NAME)
    write_ground_truth(truth, joints, annotated > 0, head_boxes)
    files = {f"annotations/mpii_{s}.json": people[s] for s in _SPLITS}
    for name, content in {**files, RECEIPT: parameters}.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return sum(map(len, people.values()))


def _write_images(
    folder: Path, split: str, parameters: Parameters, bar: tqdm
) -> List[Record]:
    """Write the images of a split; returns the records of their people."""
    records: List[Record] = []
    for index in range(parameters[split]):
        name = _image_name(split, index)
        rng = np.random.default_rng([parameters["seed"], _SPLITS[split], index])
        pixels, people = sample_image(rng)
        if not cv2.imwrite(str(folder / "images" / name), pixels):
            raise OSError(f"cannot write {folder / 'images' / name}")
        image = Image(name, train=True, rectangles=tuple(people), single=frozenset())
        records += [make_record((image, person)) for person in people]
        bar.update()
    return records
