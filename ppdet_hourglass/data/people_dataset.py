"""What all data sets of people share, ours and PaddleDetection's."""

import os
from functools import cached_property, partial
from typing import Any, Callable, Dict, List, Optional

import numpy as np
from ppdet.data.source.dataset import DetDataset
from ppdet.data.source.keypoint_coco import (
    KeypointTopDownBaseDataset,
    KeypointTopDownCocoDataset,
)
from ppdet.utils.logger import setup_logger

from ..compat.stock import JOINTS_KEY, config_value
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet, read_keypoints
from .image_file import ImageFile, Sample
from .people import COCO, People, read_detections, read_people

logger = setup_logger(__name__)


class PeopleDataset(DetDataset):
    """People of an annotation file, one crop each.

    A sample holds what the stock keypoint transforms take: ``image`` (H, W, 3) uint8
    RGB, read when it is asked for, ``center`` (2,) in 0-based pixels and ``scale`` (2,)
    of the crop, ``im_id``, ``person`` (0-based index), ``score``, joints (K, 3) in
    0-based pixels, and ``joints_vis`` (K, 3), 0 for joints without annotation.

    A subclass says which ``layout`` it reads, where it is by default (``home``), and
    what its users can do if it is missing (``hint``).
    """

    layout: str
    home: str
    hint: str

    def __init__(
        self,
        dataset_dir: Optional[str],
        image_dir: str,
        anno_path: str,
        test_mode: bool,
        keypoints: Optional[str],
    ) -> None:
        super().__init__(dataset_dir, image_dir, anno_path)
        self.test_mode = test_mode
        self.keypoints = keypoints
        self.transform: Optional[Callable[[Dict[str, Any]], Dict[str, Any]]] = None

    def check_or_download_dataset(self) -> None:
        """Refuse a missing file or folder; nothing is downloaded."""
        for what, path in (
            ("data set folder", self.folder),
            ("image folder", self.image_folder),
            ("annotation file", self.get_anno()),
        ):
            if not os.path.exists(path):
                raise UserError(f"{what} {path} does not exist. {self.hint}")

    @property
    def folder(self) -> str:
        """Folder of the data set."""
        return self.dataset_dir or config_value("dataset_dir") or self.home

    @property
    def image_folder(self) -> str:
        """Folder of the images."""
        return os.path.join(self.folder, self.image_dir)

    def get_anno(self) -> str:
        """The annotation file."""
        return os.path.join(self.folder, self.anno_path)

    @cached_property
    def keypoint_set(self) -> KeypointSet:
        """The K joints."""
        return read_keypoints(
            self.keypoints or config_value("keypoints") or self.layout
        )

    @property
    def num_joints(self) -> int:
        """K, the number of joints."""
        return len(self.keypoint_set)

    @cached_property
    def people(self) -> People:
        """The people, read once.

        Raises:
            UserError: a file is missing or wrong.
        """
        people = self._read()
        left_out = [f"{count} {reason}" for reason, count in people.left_out.items()]
        logger.info(
            f"{people.path}: {len(set(people.images))} images, {len(people)} people"
            + (f"; left out: {', '.join(left_out)}" if left_out else "")
        )
        return people

    def _read(self) -> People:
        path = self.get_anno()
        people = read_people(path, self.keypoint_set, need_joints=not self.test_mode)
        if not self.test_mode:
            people.check_targets()
        if people.layout != self.layout:
            raise UserError(
                f"{path} is in the layout of {people.layout.upper()}, but "
                f"{type(self).__name__} reads that of {self.layout.upper()}: the data "
                f"sets are !MPIIDataset and !COCOPose"
            )
        return people

    def parse_dataset(self) -> None:
        """Read the annotation file and check that its images exist."""
        self.people.check_images(self.image_folder)

    def __len__(self) -> int:
        return len(self.people)

    def __getitem__(self, index: int) -> Dict[str, Any]:
        file = ImageFile(self.image_path(index), self.people.where(index))
        return Sample(file, self.record(index)).through(self.transform)

    def record(self, index: int) -> Dict[str, Any]:
        """A new sample without its image."""
        record = _record(self.people, index, self.num_joints)
        return {"person": index, "score": 1.0, **record}

    def image_path(self, index: int) -> str:
        """File of a person's image."""
        return os.path.join(self.image_folder, self.people.images[index])


def image_folder(dataset: Any) -> str:
    """Folder of the images of a data set whose config is filled in."""
    return getattr(dataset, "image_folder", None) or dataset.img_prefix


def people_of(dataset: Any, keypoints: KeypointSet) -> People:
    """Read a data set's files, and return its people in its order.

    Args:
        dataset: an ``MPIIDataset``, a ``COCOPose`` or one of PaddleDetection's.
        keypoints: the K joints.

    Raises:
        UserError: a file or an image is missing or wrong, or nobody is there.
    """
    dataset.check_or_download_dataset()
    if isinstance(dataset, PeopleDataset):
        dataset.parse_dataset()
        return dataset.people
    check_stock_dataset(dataset, keypoints)
    dataset.parse_dataset()
    rows, path = dataset.db, dataset.get_anno()
    if not rows:
        raise UserError(f"{path} holds no person with keypoints")

    def column(key: str) -> np.ndarray:
        return np.array([row[key] for row in rows], np.float64)

    return People(
        path,
        COCO,
        [os.path.relpath(row["image_file"], dataset.img_prefix) for row in rows],
        [row["im_id"] for row in rows],
        column("center"),
        column("scale"),
        np.arange(len(rows)),
        joints=column(JOINTS_KEY)[..., :2],
        visible=column("joints_vis")[..., 0] > 0,
        scores=column("score") if "score" in rows[0] else None,
        total=len(rows),
    )


def check_stock_dataset(
    dataset: KeypointTopDownBaseDataset, keypoints: KeypointSet
) -> None:
    """Check the files of one of PaddleDetection's data sets.

    Its COCO reader then takes the people that ours reads: by itself it would fail at
    an annotation without keypoints, and drop people without an area.

    Raises:
        UserError: a file or an image is missing or wrong, or there are other joints.
    """
    path, folder = dataset.get_anno(), dataset.img_prefix
    if getattr(dataset, "use_gt_bbox", True):
        people = read_people(path, keypoints)
        people.check_targets()
    else:
        boxes = os.path.join(dataset.dataset_dir, dataset.bbox_file or "")
        if not os.path.isfile(boxes):
            raise UserError(
                "use_gt_bbox is false, but bbox_file names no file of detections: "
                f"{dataset.bbox_file}"
            )
        people = read_detections(boxes, path, keypoints, dataset.image_thre)
    people.check_images(folder)
    if isinstance(dataset, KeypointTopDownCocoDataset):
        width, height = dataset.trainsize
        people = people.with_aspect(width / height)
        rows = _records(people, folder, len(keypoints))
        dataset.parse_dataset = partial(setattr, dataset, "db", rows)


def _records(people: People, folder: str, num_joints: int) -> List[Dict[str, Any]]:
    return [
        {**_record(people, index, num_joints), "image_file": os.path.join(folder, name)}
        for index, name in enumerate(people.images)
    ]


def _record(people: People, person: int, num_joints: int) -> Dict[str, Any]:
    """A person's sample without the image, as the stock transforms take it."""
    joints = np.zeros((num_joints, 3), np.float32)
    visible = np.zeros((num_joints, 3), np.float32)
    if people.joints is not None:
        joints[:, :2] = people.joints[person]
        visible[:, :2] = people.visible[person][:, None]
    sample = {
        "im_id": people.image_ids[person],
        "center": people.centers[person].astype(np.float32),
        "scale": people.scales[person].astype(np.float32),
        JOINTS_KEY: joints,
        "joints_vis": visible,
    }
    if people.scores is not None:
        sample["score"] = float(people.scores[person])
    return sample
