"""The MPII reader, registered with PaddleDetection."""

import os
from functools import cached_property
from typing import Any, Callable, Dict, List, Optional, Tuple

import numpy as np
from ppdet.core.workspace import register, serializable
from ppdet.data.source.dataset import DetDataset
from ppdet.utils.logger import setup_logger

from ..compat.stock import JOINTS_KEY, config_value
from ..errors import UserError
from ..keypoints.keypoint_file import read_keypoints
from .annotations import Annotations, find_missing_images, read_annotations
from .bad_images import read_or_replace
from .crop import person_crops
from .image_file import ImageFile
from .images import number_in, read_image
from .top_down_crop import TopDownCrop

__all__ = ["MPIIDataset"]

logger = setup_logger(__name__)

DOWNLOAD_HINT = (
    "MPII goes there as images/ (the 12 GB of the MPII Human Pose web site) and "
    "annotations/ (mpii_train.json, mpii_val.json, mpii_gt_val.mat: the files that "
    "mmpose and HRNet distribute, or python -m ppdet_hourglass prepare-mpii makes); "
    "another folder: -o dataset_dir=FOLDER; drawn people to try instead: "
    "python -m ppdet_hourglass sample FOLDER"
)


@register
@serializable
class MPIIDataset(DetDataset):
    """People of an MPII-layout annotation file, one crop each.

    A sample holds what the stock keypoint transforms take: ``image`` (H, W, 3) uint8
    RGB, ``center`` (2,) in 0-based pixels and ``scale`` (2,) of the crop, ``im_id``,
    ``person`` (0-based index in the file), ``score``, joints (K, 3) in 0-based pixels,
    and ``joints_vis`` (K, 3), 0 for joints without annotation.

    Args:
        dataset_dir: folder of the data set; null for the config's top-level
            ``dataset_dir``, which one ``-o`` changes for all data sets.
        image_dir: folder of the images, relative to ``dataset_dir``.
        anno_path: annotation file, relative to ``dataset_dir``.
        test_mode: allow records without joints.
        keypoints: keypoint file; null for the config's top-level ``keypoints`` or, if
            that is missing too, MPII's.

    Raises:
        UserError: a folder, file or image is missing, or a record is wrong.
    """

    def __init__(
        self,
        dataset_dir=None,
        image_dir="images",
        anno_path="annotations/mpii_train.json",
        test_mode=False,
        keypoints=None,
    ) -> None:
        super().__init__(dataset_dir, image_dir, anno_path)
        self.test_mode = test_mode
        self.keypoints = keypoints
        self.transform: Optional[Callable[[Dict[str, Any]], Dict[str, Any]]] = None

    def check_or_download_dataset(self) -> None:
        """Refuse a missing file or folder; MPII's licence forbids a download here."""
        for what, path in (
            ("data set folder", self.folder),
            ("image folder", self.image_folder),
            ("annotation file", self.get_anno()),
        ):
            if not os.path.exists(path):
                raise UserError(f"{what} {path} does not exist. {DOWNLOAD_HINT}")

    @property
    def folder(self) -> str:
        return self.dataset_dir or config_value("dataset_dir") or "dataset/mpii"

    @cached_property
    def num_joints(self) -> int:
        """K, the number of joints."""
        source = self.keypoints or config_value("keypoints") or "mpii"
        return len(read_keypoints(source))

    @property
    def image_folder(self) -> str:
        return os.path.join(self.folder, self.image_dir)

    def get_anno(self) -> str:
        return os.path.join(self.folder, self.anno_path)

    def parse_dataset(self) -> None:
        """Read the annotation file and check that its images exist."""
        people = self.annotations
        missing = find_missing_images(people.images, self.image_folder)
        if missing:
            raise UserError(
                f"{people.path}: record {missing[0]}: image "
                f"{people.images[missing[0]]} is not in {self.image_folder} "
                f"({len(missing)} of {len(people)} records have no image)"
            )

    @cached_property
    def annotations(self) -> Annotations:
        """The content of the annotation file, in 1-based pixels; read once."""
        people = read_annotations(
            self.get_anno(), self.num_joints, need_joints=not self.test_mode
        )
        images = len(set(people.images))
        logger.info(f"{people.path}: {images} images, {len(people)} people")
        return people

    @cached_property
    def crops(self) -> Tuple[np.ndarray, np.ndarray]:
        """Crop centres (N, 2), 0-based pixels, and scales (N, 2), size / 200 px."""
        return person_crops(self.annotations.centers, self.annotations.scales)

    @cached_property
    def image_ids(self) -> List[int]:
        """Number of each person's image, as in results files.

        It is the number in the image's name, as in MPII.  If a name has none, images
        are numbered in order of appearance.
        """
        names = self.annotations.images
        numbers = [number_in(name) for name in names]
        if None not in numbers:
            return numbers
        indices: Dict[str, int] = {}
        return [indices.setdefault(name, len(indices)) for name in names]

    def __len__(self) -> int:
        return len(self.annotations)

    def __getitem__(self, index: int) -> Dict[str, Any]:
        return read_or_replace(self, index, self._sample)

    def _sample(self, index: int) -> Dict[str, Any]:
        sample = self.record(index)
        steps = getattr(self.transform, "transforms_cls", [self.transform])
        late = isinstance(steps[0], TopDownCrop)  # which reads the image itself
        sample["image"] = self.image_file(index) if late else self._read_image(index)
        return self.transform(sample) if self.transform else sample

    def record(self, index: int) -> Dict[str, Any]:
        """A new sample without its image."""
        people = self.annotations
        centers, scales = self.crops
        sample = {
            "im_id": self.image_ids[index],
            "person": index,
            "center": centers[index].copy(),
            "scale": scales[index].copy(),
            "score": 1.0,
        }
        joints = np.zeros((self.num_joints, 3), np.float32)
        visible = np.zeros((self.num_joints, 3), np.float32)
        if people.joints is not None:
            joints[:, :2] = people.joints[index] - 1
            visible[:, :2] = people.visible[index][:, None]
        sample[JOINTS_KEY] = joints
        sample["joints_vis"] = visible
        return sample

    def image_file(self, index: int) -> ImageFile:
        """A person's image, of which only the header is read."""
        return ImageFile.of_original(self.image_path(index), self._where(index))

    def image_path(self, index: int) -> str:
        """File of a person's image."""
        return os.path.join(self.image_folder, self.annotations.images[index])

    def _where(self, index: int) -> str:
        return f"{self.annotations.path}: record {index}"

    def _read_image(self, index: int) -> np.ndarray:
        return read_image(self.image_path(index), self._where(index), colors="RGB")
