"""Writes the sample people as a folder in MPII's layout."""

import json
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Dict, List, Optional, Union

import cv2
import numpy as np
from tqdm import tqdm

from ppdet_hourglass.errors import UserError

from .annotation import Record, write_ground_truth, write_json
from .picture import sample_picture
from .style import SceneStyle

logger = logging.getLogger(__name__)

#: Raise it whenever the same parameters give other pictures or records.
VERSION = 1
MARKER = "sample.json"
#: Smallest nominal picture side on which a person's joints can be told apart.
SMALLEST_SIZE = 96
_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 90]
#: First digit of a split's image names, which readers convert to integers.
_SPLITS = {"train": 1, "val": 2}

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
    An earlier sample set with the same parameters is kept, another is replaced;
    picture i depends on the seed, the split and i alone.

    Returns the folder.  Raises UserError for impossible numbers and for a folder
    that holds anything else.
    """
    parameters = {
        "made_by": __name__,
        "version": VERSION,
        "seed": seed,
        "size": size,
        "train": train,
        "val": val,
    }
    _check(parameters)
    folder = Path(folder).resolve()
    if _found(folder) == parameters:
        logger.info("%s already holds these sample people", folder)
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as staging:
        people = _write_all(Path(staging) / "set", parameters)
        _put_in_place(folder, Path(staging))
    logger.info("Wrote %d images of %d people to %s", train + val, people, folder)
    return folder


def _check(parameters: Parameters) -> None:
    lowest = {"train": 1, "val": 1, "seed": 0, "size": SMALLEST_SIZE}
    for name, least in lowest.items():
        value = parameters[name]
        if value < least:
            raise UserError(f"sample {name} must be at least {least}, but got {value}")


def _found(folder: Path) -> Optional[Parameters]:
    """Parameters of the set in `folder`, None if empty or absent, else UserError."""
    if not folder.exists():
        return None
    if not folder.is_dir():
        raise UserError(
            f"{folder} must be a folder for the sample people, but is a file"
        )
    if not any(folder.iterdir()):
        return None
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        marker = None
    if not isinstance(marker, dict) or marker.get("made_by") != __name__:
        raise UserError(
            f"{folder} must be empty or an earlier set of sample people, "
            f"but it holds other files and no {MARKER} of theirs"
        )
    return marker


def _write_all(folder: Path, parameters: Parameters) -> int:
    """Write a whole set to the new `folder`; returns its number of people."""
    (folder / "images").mkdir(parents=True)
    annotations = folder / "annotations"
    annotations.mkdir()
    people = 0
    total = parameters["train"] + parameters["val"]
    with tqdm(total=total, desc="sample people", unit="image") as bar:
        for split in _SPLITS:
            records = _write_split(folder / "images", split, parameters, bar)
            write_json(annotations / f"mpii_{split}.json", records)
            people += len(records)
    write_ground_truth(annotations / "mpii_gt_val.mat", records)
    marker = json.dumps(parameters, indent=2)
    (folder / MARKER).write_text(marker + "\n", encoding="utf-8")
    return people


def _write_split(
    images: Path, split: str, parameters: Parameters, bar: tqdm
) -> List[Record]:
    style, digit, seed = SceneStyle(), _SPLITS[split], parameters["seed"]
    records: List[Record] = []
    for index in range(parameters[split]):
        name = f"{digit}{index:08d}.jpg"
        rng = np.random.default_rng([seed, digit, index])
        image, people = sample_picture(rng, name, parameters["size"], style)
        if not cv2.imwrite(str(images / name), image, _QUALITY):
            raise OSError(f"cannot write {images / name}")
        records.extend(people)
        bar.update()
    return records


def _put_in_place(folder: Path, staging: Path) -> None:
    """Rename ``staging/set`` to `folder`; an earlier set there ends up in `staging`."""
    if folder.exists():
        folder.rename(staging / "earlier")
    try:
        (staging / "set").rename(folder)
    except OSError:
        if (staging / "earlier").exists():
            (staging / "earlier").rename(folder)
        raise
