"""What ``MPIIDataset`` and PaddleDetection's own keypoint readers have in common."""

from typing import Any, Dict, List

from ..keypoints.keypoint_set import KeypointSet
from .coco_file import check_coco_file
from .mpii_dataset import MPIIDataset


def image_folder(dataset: Any) -> str:
    """Folder of the images of a data set whose config is filled in."""
    return getattr(dataset, "image_folder", None) or dataset.img_prefix


def people_in(dataset: Any, keypoints: KeypointSet) -> List[Dict[str, Any]]:
    """List a data set's samples, each with its ``image_file`` instead of the image.

    Raises:
        UserError: the annotation file is wrong, or an image is missing.
    """
    if isinstance(dataset, MPIIDataset):
        dataset.check_or_download_dataset()
        dataset.parse_dataset()
        return [
            {**dataset.record(index), "image_file": dataset.image_path(index)}
            for index in range(len(dataset))
        ]
    check_coco_file(dataset.get_anno(), image_folder(dataset), keypoints)
    dataset.parse_dataset()
    return dataset.db
