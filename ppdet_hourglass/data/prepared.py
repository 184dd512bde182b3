"""People who were cut out for training once: their folder, and its reader.

``python -m ppdet_hourglass prepare`` makes the folder::

    manifest.json                 from what and how it was made
    images/000000.jpg ...         a picture for each person, in the annotations' order
    annotations/mpii_train.json   joints in those pictures' pixels, for any tool
    people.npz                    what the configured reader said of the originals

``TopDownCrop`` takes positions and random numbers of the originals, and only pixels
from the pictures, so that joints and targets are the same.

Letters: N people, K joints.
"""

import hashlib
import io
import json
import os
from typing import Any, Dict, List, Sequence

import numpy as np
from ppdet.data.source.dataset import DetDataset

from ..compat.stock import JOINTS_KEY
from ..errors import UserError
from ..files import read_json, write_whole
from .annotations import find_missing_images
from .crop import recipe_person
from .cutting import OVERSAMPLING, reach
from .image_file import ImageFile, Sample
from .top_down_crop import TopDownCrop

MANIFEST, PEOPLE, IMAGES = "manifest.json", "people.npz", "images"
ANNOTATIONS = os.path.join("annotations", "mpii_train.json")

#: Version of the folder's layout.
LAYOUT = 1

#: Quality of the JPEGs; docs/speed.md says what others give.
QUALITY = 90

#: Transforms whose options say what a crop may show.
AUGMENTATIONS = ("TopDownCrop", "RandomFlipHalfBodyTransform")


def augmentation_of(cfg: Any) -> TopDownCrop:
    """The training augmentation of a config whose transforms are filled in.

    Raises:
        UserError: it has none.
    """
    for step in cfg["TrainReader"].get("sample_transforms") or []:
        for name, options in step.items():
            if name in AUGMENTATIONS:
                return TopDownCrop(**options)
    raise UserError(
        "config key 'TrainReader.sample_transforms' must have TopDownCrop, as in "
        "configs/hourglass_mpii_256_fast.yml"
    )


def recipe(cfg: Any) -> Dict[str, Any]:
    """What the pictures depend on: the manifest of a folder prepared for a config.

    ``annotations_sha256`` is missing if the annotation file is.
    """
    augmentation = augmentation_of(cfg)
    manifest = {
        "layout": LAYOUT,
        "input_size": list(augmentation.trainsize),
        "reach": list(reach(augmentation)),
        "half_body": augmentation.prob_half_body > 0,
        "oversampling": OVERSAMPLING,
        "quality": QUALITY,
    }
    path = cfg["TrainDataset"].get_anno()
    if os.path.isfile(path):
        with open(path, "rb") as file:
            manifest["annotations_sha256"] = hashlib.sha256(file.read()).hexdigest()
    return manifest


def difference(manifest: Dict[str, Any], wanted: Dict[str, Any]) -> str:
    """How a folder differs from what a config needs, in words; empty if it does not."""
    for key, value in wanted.items():
        if manifest.get(key) != value:
            return f"{key} {manifest.get(key)}, but the config needs {value}"
    return ""


def read_manifest(folder: str) -> Dict[str, Any]:
    """The manifest of a folder; empty if there is none.

    Raises:
        UserError: it is not valid JSON.
    """
    path = os.path.join(folder, MANIFEST)
    return read_json(path, "manifest") if os.path.exists(path) else {}


def write_manifest(folder: str, cfg: Any, **more: Any) -> None:
    """Write the manifest of a folder that is prepared for a config.

    Args:
        folder: the folder.
        cfg: the config.
        more: ``made_by``, ``finished``, and ``people``, their number.
    """
    source = {"annotations": os.path.abspath(cfg["TrainDataset"].get_anno())}
    text = json.dumps({**source, **recipe(cfg), **more}, indent=1)
    write_whole(os.path.join(folder, MANIFEST), text.encode())


def picture_name(index: int) -> str:
    """Name of a person's picture."""
    return f"{index:06d}.jpg"


def write_people(
    folder: str,
    people: Sequence[Dict[str, Any]],
    sizes: np.ndarray,
    to_cut: np.ndarray,
) -> None:
    """Write ``people.npz`` and the annotations in MPII's layout.

    Args:
        folder: the folder.
        people: N samples of the configured data set.
        sizes: (N, 2) width and height of their images.
        to_cut: (N, 3, 3) from their images' pixels to their pictures'.
    """
    keys = ("center", "scale", JOINTS_KEY, "joints_vis")
    columns = {key: np.array([person[key] for person in people]) for key in keys}
    columns["joints"] = columns.pop(JOINTS_KEY)
    content = io.BytesIO()
    np.savez(content, **columns, sizes=sizes, to_cut=to_cut)
    write_whole(os.path.join(folder, PEOPLE), content.getvalue())
    records = [
        _record(index, *(columns[key][index] for key in columns), to_cut[index])
        for index in range(len(people))
    ]
    text = json.dumps(records, separators=(",", ":"))
    write_whole(os.path.join(folder, ANNOTATIONS), text.encode())


def _record(
    index: int,
    center: np.ndarray,
    scale: np.ndarray,
    joints_vis: np.ndarray,
    joints: np.ndarray,
    to_cut: np.ndarray,
) -> Dict[str, Any]:
    """A person in MPII's layout, 1-based pixels of the picture."""
    visible = joints_vis[:, 0] > 0
    zoom, offset = to_cut[[0, 1], [0, 1]], to_cut[:2, 2]
    moved = np.where(visible[:, None], joints[:, :2] * zoom + offset + 1, -1)
    person_center, person_scale = recipe_person(
        center * zoom + offset, scale[0] * zoom[0]
    )
    return {
        "image": picture_name(index),
        "center": np.round(person_center, 3).tolist(),
        "scale": round(float(person_scale), 6),
        "joints": np.round(moved, 3).tolist(),
        "joints_vis": visible.astype(int).tolist(),
    }


class PreparedPeople(DetDataset):
    """The people of a prepared folder, for ``TopDownCrop``.

    Args:
        folder: the folder.
        cfg: the config, whose ``TrainDataset`` they replace.

    Attributes:
        replaced: that data set.

    Raises:
        UserError: the folder was not prepared for this config, or not completely; the
            message says what to run.
    """

    def __init__(self, folder: str, cfg: Any) -> None:
        super().__init__(folder, IMAGES, ANNOTATIONS)
        self.replaced = cfg["TrainDataset"]
        self._command = (
            f"python -m ppdet_hourglass prepare -c configs/{cfg['filename']}.yml "
            f"--output {folder}"
        )
        first = next(iter(cfg["TrainReader"]["sample_transforms"]), {})
        if "TopDownCrop" not in first:
            raise UserError(
                "config key 'prepared' needs TopDownCrop as the first of "
                "TrainReader.sample_transforms, as in "
                "configs/hourglass_mpii_256_fast.yml"
            )
        manifest = read_manifest(folder)
        differs = difference(manifest, recipe(cfg)) if manifest else ""
        if differs:
            raise UserError(
                f"{folder} is prepared for {differs}; run {self._command} --force"
            )
        if not manifest.get("finished"):
            raise UserError(
                f"{folder} holds no people that are completely prepared; run "
                f"{self._command}"
            )
        with np.load(os.path.join(folder, PEOPLE)) as columns:
            self._people = dict(columns)
        self._to_original = np.linalg.inv(self._people["to_cut"])

    def __len__(self) -> int:
        return len(self._people["sizes"])

    def check_or_download_dataset(self) -> None:
        """Refuse a folder without one of its pictures."""
        names: List[str] = [picture_name(index) for index in range(len(self))]
        folder = os.path.join(self.dataset_dir, IMAGES)
        missing = find_missing_images(names, folder)
        if missing:
            raise UserError(
                f"{names[missing[0]]} is not in {folder} ({len(missing)} of "
                f"{len(names)} pictures are missing); run {self._command}"
            )

    def parse_dataset(self) -> None:
        """Nothing is left to do."""

    def image_path(self, index: int) -> str:
        """Path of a person's picture."""
        return os.path.join(self.dataset_dir, IMAGES, picture_name(index))

    def __getitem__(self, index: int) -> Dict[str, np.ndarray]:
        column = self._people
        path = self.image_path(index)
        size = tuple(column["sizes"][index].tolist())
        values = {
            "center": column["center"][index].copy(),
            "scale": column["scale"][index].copy(),
            JOINTS_KEY: column["joints"][index].copy(),
            "joints_vis": column["joints_vis"][index].copy(),
        }
        file = ImageFile(path, None, size, self._to_original[index])
        return Sample(file, values).through(self.transform)
