"""``COCOPose``: people of an annotation file in COCO's layout."""

import os

from ppdet.core.workspace import register, serializable

from ..compat.stock import config_value
from ..errors import UserError
from .people import COCO, People, read_detections
from .people_dataset import PeopleDataset

__all__ = ["COCOPose"]


@register
@serializable
class COCOPose(PeopleDataset):
    """People of an annotation file in COCO's layout, one crop each.

    The crops are those of the stock ``KeypointTopDownCocoDataset``.

    Args:
        dataset_dir: folder of the data set; null for the config's top-level
            ``dataset_dir``, which one ``-o`` changes for all data sets.
        image_dir: folder of the images, relative to ``dataset_dir``.
        anno_path: annotation file, relative to ``dataset_dir``.
        keypoints: keypoint file; null for the config's top-level ``keypoints`` or, if
            that is missing too, COCO's.
        use_gt_bbox: whether boxes are the annotations'; if not, they are those of
            ``bbox_file``, whose people have no joints, as a COCO evaluation needs.
        bbox_file: JSON list of detections, relative to ``dataset_dir``.
        image_thre: detections with a lower score are left out.

    Raises:
        UserError: a folder, file or image is missing, or a record is wrong.
    """

    layout = COCO
    home = "dataset/coco"
    hint = (
        "COCO goes there as train2017/, val2017/ and annotations/; another folder: "
        "-o dataset_dir=FOLDER"
    )

    def __init__(
        self,
        dataset_dir=None,
        image_dir="train2017",
        anno_path="annotations/person_keypoints_train2017.json",
        keypoints=None,
        use_gt_bbox=True,
        bbox_file=None,
        image_thre=0.0,
    ) -> None:
        super().__init__(dataset_dir, image_dir, anno_path, False, keypoints)
        self.use_gt_bbox = use_gt_bbox
        self.bbox_file = bbox_file
        self.image_thre = image_thre

    def check_or_download_dataset(self) -> None:
        """Refuse a missing file or folder; nothing is downloaded."""
        if not self.use_gt_bbox and not os.path.isfile(self.detections):
            raise UserError(f"bbox_file names no file of detections: {self.detections}")
        super().check_or_download_dataset()

    def _read(self) -> People:
        if self.use_gt_bbox:
            people = super()._read()
        else:
            people = read_detections(
                self.detections, self.get_anno(), self.keypoint_set, self.image_thre
            )
        width, height = config_value("trainsize") or (1, 1)
        return people.with_aspect(width / height)

    @property
    def detections(self) -> str:
        """The file of detections."""
        if not self.bbox_file:
            raise UserError("use_gt_bbox is false, but bbox_file names no file")
        return os.path.join(self.folder, self.bbox_file)
