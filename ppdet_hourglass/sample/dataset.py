"""Writing the sample people as a folder in MPII's layout."""

import json
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Dict, List, Set, Union

import cv2
import numpy as np
from tqdm import tqdm

from ..data.mpii.ground_truth_file import write_ground_truth
from ..data.mpii.records import Record, make_record
from ..data.mpii.release import Image
from ..errors import UserError
from .picture import sample_picture

logger = logging.getLogger(__name__)

#: To be raised whenever the same parameters give other images or records.
VERSION = 2
#: File that records the parameters of a set, which determine its files.
RECEIPT = "sample.json"
#: Lowest parameters; on smaller images a person's joints cannot be told apart.
_LOWEST = {"train": 1, "val": 1, "seed": 0, "size": 96}
#: First digit of a split's image names; readers convert the names to integers.
_SPLITS = {"train": 1, "val": 2}
_JPEG_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 90]

Parameters = Dict[str, Any]


def write_sample_dataset(
    folder: Union[str, Path],
    train: int = 2400,
    val: int = 300,
    seed: int = 0,
    size: int = 256,
) -> Path:
    """Draw images of people and write them with their annotations.

    The folder gets ``images/`` and ``annotations/`` with ``mpii_train.json``,
    ``mpii_val.json`` and ``mpii_gt_val.mat``.  It appears complete or not at all.  A
    complete set with the same parameters is kept; an earlier set with others is
    replaced.  Image i depends only on the seed, the split and i.

    Args:
        folder: folder to write.
        train, val: numbers of images, at least 1.
        seed: seed of the random numbers, at least 0.
        size: approximate side of the images in pixels, at least 96.

    Returns:
        The folder's absolute path.

    Raises:
        UserError: a number is too low, or the folder holds a file that no earlier set
            wrote.
    """
    parameters = dict(
        made_by=__name__, version=VERSION, seed=seed, size=size, train=train, val=val
    )
    for name, least in _LOWEST.items():
        if parameters[name] < least:
            raise UserError(
                f"sample {name} must be at least {least}, but got {parameters[name]}"
            )
    folder = Path(folder).resolve()
    if _holds(folder, parameters):
        logger.info("%s already holds these sample people", folder)
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as staging:
        people = _write_all(Path(staging) / "set", parameters)
        _holds(folder, parameters)  # refuses files that were added meanwhile
        _put_in_place(folder, Path(staging))
    logger.info("Wrote %d images of %d people to %s", train + val, people, folder)
    return folder


def _holds(folder: Path, parameters: Parameters) -> bool:
    """Whether ``folder`` already holds the complete set of the parameters.

    Raises:
        UserError: replacing the folder would lose a file.
    """
    if not folder.exists():
        return False
    if not folder.is_dir():
        raise UserError(
            f"{folder} must be a folder for the sample people, but is a file"
        )
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    if not present:
        return False
    try:
        receipt = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
        own = _names(receipt)
    except (OSError, ValueError, TypeError, KeyError):
        own = set()
    if RECEIPT not in own:
        raise UserError(
            f"{folder} must be empty or an earlier set of sample people, "
            f"but it holds other files and no {RECEIPT} of theirs"
        )
    if receipt == parameters and own <= present:
        return True
    if present - own:
        raise UserError(
            f"{folder} holds {min(present - own)}, which does not belong to its sample "
            "people and would be lost: move it away, or choose another folder"
        )
    return False


def _names(parameters: Parameters) -> Set[str]:
    """Files and folders of the set with these parameters; none for other JSON."""
    if parameters["made_by"] != __name__:
        return set()
    names = {RECEIPT, "images", "annotations", "annotations/mpii_gt_val.mat"}
    for split in _SPLITS:
        names.add(f"annotations/mpii_{split}.json")
        names.update(
            f"images/{_image_name(split, index)}" for index in range(parameters[split])
        )
    return names


def _image_name(split: str, index: int) -> str:
    return f"{_SPLITS[split]}{index:08d}.jpg"


def _write_all(folder: Path, parameters: Parameters) -> int:
    """Write a whole set to a new folder; returns its number of people."""
    (folder / "images").mkdir(parents=True)
    (folder / "annotations").mkdir()
    people = 0
    total = parameters["train"] + parameters["val"]
    with tqdm(total=total, desc="sample people", unit="image") as bar:
        for split in _SPLITS:
            records = _write_split(folder / "images", split, parameters, bar)
            _write_json(folder / f"annotations/mpii_{split}.json", records)
            people += len(records)
    joints, annotated, head_boxes = (
        np.array([record[key] for record in records])
        for key in ("joints", "joints_vis", "head_box")
    )
    path = folder / "annotations/mpii_gt_val.mat"
    write_ground_truth(str(path), joints, annotated > 0, head_boxes)
    _write_json(folder / RECEIPT, parameters)
    return people


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def _write_split(
    images: Path, split: str, parameters: Parameters, bar: tqdm
) -> List[Record]:
    records: List[Record] = []
    for index in range(parameters[split]):
        name = _image_name(split, index)
        rng = np.random.default_rng([parameters["seed"], _SPLITS[split], index])
        picture, people = sample_picture(rng, parameters["size"])
        if not cv2.imwrite(str(images / name), picture, _JPEG_QUALITY):
            raise OSError(f"cannot write {images / name}")
        image = Image(name, train=True, rectangles=tuple(people), single=frozenset())
        records += [make_record((image, person)) for person in image.rectangles]
        bar.update()
    return records


def _put_in_place(folder: Path, staging: Path) -> None:
    """Rename ``staging/set`` to ``folder``; move an earlier set to ``staging``."""
    earlier = staging / "earlier"
    if folder.exists():
        folder.rename(earlier)
    try:
        (staging / "set").rename(folder)
    except OSError:
        if earlier.exists():
            earlier.rename(folder)
        raise
