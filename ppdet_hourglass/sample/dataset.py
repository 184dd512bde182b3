"""Writes the sample people as a folder in MPII's layout."""

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

#: Raise it whenever the same parameters give other pictures or records.
VERSION = 2
#: The receipt: what a set was made with, and thereby which files it has.
RECEIPT = "sample.json"
#: On smaller pictures a person's joints cannot be told apart.
_LOWEST = {"train": 1, "val": 1, "seed": 0, "size": 96}
#: First digit of a split's image names, which readers convert to integers.
_SPLITS = {"train": 1, "val": 2}
_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 90]

Parameters = Dict[str, Any]


def write_sample_dataset(
    folder: Union[str, Path],
    train: int = 2400,
    val: int = 300,
    seed: int = 0,
    size: int = 256,
) -> Path:
    """Write `train` and `val` pictures of about `size` pixels a side to `folder`.

    The folder gets ``images/`` and ``annotations/`` with ``mpii_train.json``,
    ``mpii_val.json`` and ``mpii_gt_val.mat``.  It appears complete or not at all.
    A complete earlier set with the same parameters is kept, another is replaced;
    picture i depends on the seed, the split and i alone.

    Returns the folder.  Raises UserError for impossible numbers and for a folder
    with a file that no earlier set wrote.
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
        _holds(folder, parameters)  # refuses what has come into it meanwhile
        _put_in_place(folder, Path(staging))
    logger.info("Wrote %d images of %d people to %s", train + val, people, folder)
    return folder


def _holds(folder: Path, parameters: Parameters) -> bool:
    """Whether `folder` already holds the complete set of the `parameters`.

    Raises UserError where it holds anything that replacing would lose.
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
    """Names of all files and folders of a set; none if no sample set is described."""
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
    """Write a whole set to the new `folder`; returns its number of people."""
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
        if not cv2.imwrite(str(images / name), picture, _QUALITY):
            raise OSError(f"cannot write {images / name}")
        image = Image(name, train=True, rectangles=tuple(people), single=frozenset())
        records += [make_record((image, person)) for person in image.rectangles]
        bar.update()
    return records


def _put_in_place(folder: Path, staging: Path) -> None:
    """Rename ``staging/set`` to `folder`; an earlier set there ends up in `staging`."""
    earlier = staging / "earlier"
    if folder.exists():
        folder.rename(earlier)
    try:
        (staging / "set").rename(folder)
    except OSError:
        if earlier.exists():
            earlier.rename(folder)
        raise
