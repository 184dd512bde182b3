"""``MPIIDataset``: people of an annotation file in MPII's layout."""

from ppdet.core.workspace import register, serializable

from .people import MPII
from .people_dataset import PeopleDataset

__all__ = ["MPIIDataset"]


@register
@serializable
class MPIIDataset(PeopleDataset):
    """People of an annotation file in MPII's layout, one crop each.

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

    layout = MPII
    home = "dataset/mpii"
    hint = (
        "MPII goes there as images/ (the 12 GB of the MPII Human Pose web site) and "
        "annotations/ (mpii_train.json, mpii_val.json, mpii_gt_val.mat: the files that "
        "mmpose and HRNet distribute, or python -m ppdet_hourglass prepare-mpii "
        "makes); another folder: -o dataset_dir=FOLDER; drawn people to try instead: "
        "python -m ppdet_hourglass sample FOLDER"
    )

    def __init__(
        self,
        dataset_dir=None,
        image_dir="images",
        anno_path="annotations/mpii_train.json",
        test_mode=False,
        keypoints=None,
    ) -> None:
        super().__init__(dataset_dir, image_dir, anno_path, test_mode, keypoints)
