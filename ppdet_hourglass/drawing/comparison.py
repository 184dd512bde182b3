"""Annotated people in 0-based pixels, as data/people.py will read them.

Letters: N people, K joints.
"""

from dataclasses import dataclass
from typing import Any, List

import numpy as np

from ..data.annotations import Annotations, read_annotations
from ..data.crop import PADDING, person_crops
from ..files import read_json
from ..keypoints.keypoint_set import KeypointSet


@dataclass(frozen=True)
class People:
    """Annotations with the people's crops.

    Attributes:
        annotations: in 1-based pixels.
        centers: (N, 2) centres of the crops, 0-based pixels.
        scales: (N, 2) sides of the crops / 200 px.
    """

    annotations: Annotations
    centers: np.ndarray
    scales: np.ndarray

    def __len__(self) -> int:
        return len(self.annotations)

    @property
    def path(self) -> str:
        """The file."""
        return self.annotations.path

    @property
    def images(self) -> List[str]:
        """N names below the image folder."""
        return list(self.annotations.images)

    @property
    def joints(self) -> np.ndarray:
        """(N, K, 2) 0-based pixels."""
        return self.annotations.joints - 1

    @property
    def visible(self) -> np.ndarray:
        """(N, K) 1 where annotated."""
        return self.annotations.visible


def people_of_mpii(people: Annotations) -> People:
    """People of MPII's layout."""
    return People(people, *person_crops(people.centers, people.scales))


def people_of_coco(people: Annotations) -> People:
    """People of COCO's layout."""
    scales = PADDING * people.scales[:, None] * np.ones(2)
    return People(people, people.centers - 1, scales)


def read_people(path: str, image_folder: str, keypoints: KeypointSet) -> People:
    """Read an annotation file in MPII's or COCO's layout.

    Raises:
        UserError: the file is missing or wrong, or a record has no joints.
    """
    if isinstance(read_json(path, "annotation file"), dict):  # COCO's; MPII's is a list
        from ..metrics.dataset_people import coco_people  # needs Paddle

        return people_of_coco(coco_people(path, image_folder, keypoints))
    return people_of_mpii(read_annotations(path, len(keypoints), need_joints=True))


def evaluated_people(metric: Any) -> People:
    """The people of a ``PCK``."""
    if hasattr(metric.dataset, "annotations"):
        return people_of_mpii(metric.annotations)
    return people_of_coco(metric.annotations)
