"""Prepared people, cropped once from their images: the folder and its data set.

``python -m ppdet_hourglass prepare`` makes the folder::

    manifest.json                 its sources and options
    images/000000.jpg ...         an image of each person, in the annotations' order
    annotations/mpii_train.json   joints in those images' pixels, for any tool
    people.npz                    the people as the original data set describes them

``TopDownCrop`` uses the positions and random numbers of the originals, and only the
pixels of the new images, so joints and targets are the same.

Letters: N people, K joints.
"""

import hashlib
import io
import json
import os
import shutil
import time
from functools import cached_property
from typing import Any, Dict, Sequence

import numpy as np
from ppdet.core.workspace import register, serializable
from ppdet.utils.logger import setup_logger

from ..compat.stock import JOINTS_KEY, config_value
from ..errors import UserError
from ..files import check_writable, read_json, write_whole
from ..keypoints.keypoint_set import KeypointSet
from .config_facts import fill_config
from .crop import MPII_ORIGIN, people_of_crops
from .cutting import OVERSAMPLING, QUALITY, Job, crops_of, cut_out_all, reach
from .image_file import ImageFile, Sample
from .people import MPII, People
from .people_dataset import PeopleDataset, image_folder, people_of
from .top_down_crop import TopDownCrop

__all__ = ["PreparedPeople"]

logger = setup_logger(__name__)

MANIFEST, PEOPLE, IMAGES = "manifest.json", "people.npz", "images"
ANNOTATIONS = os.path.join("annotations", "mpii_train.json")

#: Version of the folder's layout.
LAYOUT = 1

#: Transforms whose options say what a crop may show.
AUGMENTATIONS = ("TopDownCrop", "RandomFlipHalfBodyTransform")

#: A config that trains on prepared people.
EXAMPLE = "configs/hourglass_mpii_256_prepared.yml"

#: Seconds between two lines of progress.
PROGRESS_SECONDS = 10


@register
@serializable
class PreparedPeople(PeopleDataset):
    """The people of a prepared folder, for ``TopDownCrop``.

    Args:
        dataset_dir: the folder.
        keypoints: keypoint file; null for the config's top-level ``keypoints``.

    Raises:
        UserError: the folder was not prepared for the config's ``TrainReader`` and
            keypoints or not completely, its annotations have changed since, or an image
            is missing.
    """

    layout = home = MPII
    hint = "run python -m ppdet_hourglass prepare (docs/train.md)"

    def __init__(self, dataset_dir=None, keypoints=None) -> None:
        super().__init__(dataset_dir, IMAGES, ANNOTATIONS, False, keypoints)

    @property
    def folder(self) -> str:
        if not self.dataset_dir:
            raise UserError(f"PreparedPeople.dataset_dir must be a folder: {self.hint}")
        return self.dataset_dir

    def check_or_download_dataset(self) -> None:
        """Refuse a folder that does not fit the config, or lacks an image."""
        steps = config_value("TrainReader")["sample_transforms"]
        if "TopDownCrop" not in next(iter(steps), {}):
            needs = "TopDownCrop as the first of TrainReader.sample_transforms"
            raise UserError(f"!PreparedPeople needs {needs}, as in {EXAMPLE}")
        manifest = read_manifest(self.folder)
        source = manifest.get("annotations", "")
        differs = difference(manifest, recipe(steps, self.keypoint_set, source))
        if differs:
            problem = f"is prepared for {differs}: prepare it again with --force"
        elif not manifest.get("finished"):
            problem = f"holds no people that are completely prepared: {self.hint}"
        else:
            names = set(os.listdir(self.image_folder))
            needed = map(image_name, range(len(self)))
            missing = [name for name in needed if name not in names]
            if not missing:
                return
            problem = f"lacks {len(missing)} images, as {missing[0]}: {self.hint}"
        raise UserError(f"{self.folder} {problem}")

    def parse_dataset(self) -> None:
        """Do nothing: :attr:`people` is for pages, not for training."""

    @cached_property
    def _columns(self) -> Dict[str, np.ndarray]:
        with np.load(os.path.join(self.folder, PEOPLE)) as columns:
            people = dict(columns)
        return {**people, "to_original": np.linalg.inv(people["to_cut"])}

    def __len__(self) -> int:
        return len(self._columns["sizes"])

    def image_path(self, index: int) -> str:
        return os.path.join(self.image_folder, image_name(index))

    def record(self, index: int) -> Dict[str, Any]:
        """A new sample without its image, in pixels of the original."""
        column = self._columns
        return {
            "im_id": index,
            "center": column["center"][index].copy(),
            "scale": column["scale"][index].copy(),
            JOINTS_KEY: column["joints"][index].copy(),
            "joints_vis": column["joints_vis"][index].copy(),
        }

    def __getitem__(self, index: int) -> Dict[str, Any]:
        size = tuple(self._columns["sizes"][index].tolist())
        to_original = self._columns["to_original"][index]
        file = ImageFile(self.image_path(index), None, size, to_original)
        return Sample(file, self.record(index)).through(self.transform)


def prepare_people(
    cfg: Any, folder: str, workers: int, force: bool, made_by: str
) -> None:
    """Crop the people of a config's ``TrainDataset`` that are still missing.

    Args:
        cfg: the loaded config.
        folder: folder to write to.
        workers: number of processes.
        force: replace people prepared for another config.
        made_by: name of the caller, for the manifest.

    Raises:
        UserError: the config, an image or the folder is wrong.
    """
    keypoints = fill_config(cfg)
    dataset, steps = cfg["TrainDataset"], cfg["TrainReader"]["sample_transforms"]
    if isinstance(dataset, PreparedPeople):
        raise UserError("TrainDataset is prepared already: name the originals' config")
    augmentation = augmentation_of(steps)
    people = people_of(dataset, keypoints)
    source = os.path.abspath(dataset.get_anno())
    manifest = {"annotations": source, **recipe(steps, keypoints, source)}
    manifest["made_by"] = made_by
    check_writable(folder)
    found = read_manifest(folder)
    if not found and os.listdir(folder):
        raise UserError(f"{folder} holds other files: name an empty folder")
    differs = difference(found, manifest)
    if differs and not force:
        remedy = "name another folder, or add --force to replace its people"
        raise UserError(f"{folder} is prepared for {differs}: {remedy}")
    if differs:
        shutil.rmtree(os.path.join(folder, IMAGES), ignore_errors=True)
    write_manifest(folder, {**manifest, "finished": False})

    rows = zip(people.centers, people.scales, people.joints, people.visible)
    images = image_folder(dataset)
    jobs = [
        Job(
            image=os.path.join(images, people.images[index]),
            output=os.path.join(folder, IMAGES, image_name(index)),
            crops=crops_of(*row, augmentation),
            reach=reach(augmentation),
            input_width=augmentation.trainsize[0],
        )
        for index, row in enumerate(rows)
    ]
    done, said = [], time.monotonic()
    for result in cut_out_all(jobs, workers):
        done.append(result)
        if time.monotonic() - said > PROGRESS_SECONDS or len(done) == len(jobs):
            said = time.monotonic()
            logger.info(f"{len(done)} of {len(jobs)} people")
    sizes, matrices = map(np.array, zip(*done))
    write_people(folder, people, sizes, matrices)
    manifest.update(people=len(people), finished=True)
    write_manifest(folder, manifest)
    logger.info(
        f"{folder}: train with a config that has TrainDataset: !PreparedPeople and its "
        f"dataset_dir: {folder}, as {EXAMPLE}"
    )


def augmentation_of(steps: Sequence[Dict[str, Any]]) -> TopDownCrop:
    """The augmentation among a reader's transforms, which are filled in."""
    for step in steps or []:
        for name, options in step.items():
            if name in AUGMENTATIONS:
                return TopDownCrop(**options)
    where = "TrainReader.sample_transforms"
    raise UserError(f"{where} must have one of {', '.join(AUGMENTATIONS)}")


def recipe(
    steps: Sequence[Dict[str, Any]], keypoints: KeypointSet, annotations: str
) -> Dict[str, Any]:
    """All that the images of prepared people depend on.

    The checksum of the original ``annotations`` is left out if they are not there, as
    on a machine to which only the folder was copied.
    """
    augmentation = augmentation_of(steps)
    needs = {
        "layout": LAYOUT,
        "input_size": list(augmentation.trainsize),
        "reach": list(reach(augmentation)),
        "half_body": augmentation.prob_half_body > 0,
        "oversampling": OVERSAMPLING,
        "quality": QUALITY,
        "joints": list(keypoints.joints),
    }
    if os.path.isfile(annotations):
        with open(annotations, "rb") as file:
            needs["annotations_sha256"] = hashlib.sha256(file.read()).hexdigest()
    return needs


def difference(manifest: Dict[str, Any], needs: Dict[str, Any]) -> str:
    """How a manifest differs from what a config needs, in words; empty if it does not.

    Where the annotations lie may differ, and what an earlier version did not note.
    """
    for key, value in needs.items():
        if manifest.get(key, value) != value and key not in ("annotations", "made_by"):
            return f"{key} {manifest[key]}, but the config needs {value}"
    return ""


def read_manifest(folder: str) -> Dict[str, Any]:
    """The manifest of a folder; empty if there is none."""
    path = os.path.join(folder, MANIFEST)
    return read_json(path, "manifest") if os.path.exists(path) else {}


def write_manifest(folder: str, manifest: Dict[str, Any]) -> None:
    """Write the manifest of a folder."""
    text = json.dumps(manifest, indent=1)
    write_whole(os.path.join(folder, MANIFEST), text.encode())


def image_name(index: int) -> str:
    """Name of a person's image."""
    return f"{index:06d}.jpg"


def write_people(
    folder: str, people: People, sizes: np.ndarray, to_cut: np.ndarray
) -> None:
    """Write ``people.npz`` and the annotations in MPII's layout.

    Args:
        folder: the folder.
        people: N people, in pixels of the originals.
        sizes: (N, 2) width and height of the originals.
        to_cut: (N, 3, 3) from the originals' pixels to those of the new images.
    """
    last = ((0, 0), (0, 0), (0, 1))  # a column of zeros, as the stock transforms take
    seen = np.repeat(people.visible[..., None], 2, axis=2)
    columns = {
        "center": people.centers,
        "scale": people.scales,
        "joints": np.pad(people.joints, last),
        "joints_vis": np.pad(seen, last),
    }
    columns = {key: column.astype(np.float32) for key, column in columns.items()}
    content = io.BytesIO()
    np.savez(content, **columns, sizes=sizes, to_cut=to_cut)
    write_whole(os.path.join(folder, PEOPLE), content.getvalue())

    zoom, offset = to_cut[:, [0, 1], [0, 1]], to_cut[:, :2, 2]
    centers, heights = people_of_crops(
        people.centers * zoom + offset, people.scales * zoom
    )
    joints = people.joints * zoom[:, None] + offset[:, None] + MPII_ORIGIN
    records = [
        {
            "image": image_name(index),
            "center": centers[index].round(3).tolist(),
            "scale": round(float(heights[index]), 6),
            "joints": np.where(seen[index], joints[index].round(3), -1).tolist(),
            "joints_vis": people.visible[index].astype(int).tolist(),
        }
        for index in range(len(people))
    ]
    write_whole(os.path.join(folder, ANNOTATIONS), json.dumps(records).encode())
