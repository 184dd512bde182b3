"""The trainer's predictions as poses and as a results file.

Letters: N images of a batch with one person each, K joints.
"""

import os
from typing import Any, Dict, List, Mapping

import numpy as np
from ppdet.utils.logger import setup_logger

from ..keypoints.keypoint_set import KeypointSet
from ..keypoints.pose import Pose
from ..metrics.pck import check_finite
from ..metrics.results_file import write_results
from ..predict.run import pose_row
from ..predict.sources import Frame, Images, counted

logger = setup_logger(__name__)

#: Records need no pixels, and the trainer keeps none.
NO_PIXELS = np.empty((0, 0, 3), np.uint8)


def poses_of(
    keypoint: Any, shapes: np.ndarray, keypoint_set: KeypointSet
) -> List[Pose]:
    """One pose per image of a batch.

    Args:
        keypoint: the architecture's output; ``keypoint[0]`` holds the joints (N, K, 3),
            x and y in 0-based pixels and score, and the mean scores (N, 1).
        shapes: (N, 2) heights and widths of the images, pixels.

    Raises:
        UserError: a coordinate is not finite.
    """
    joints, means = keypoint[0]
    check_finite(joints[..., :2])
    boxes = np.pad(shapes[:, ::-1], ((0, 0), (2, 0))).astype(np.float32)
    return [
        Pose(person[:, :2], person[:, 2], box, float(mean), keypoint_set)
        for person, box, (mean,) in zip(joints, boxes, means)
    ]


class ResultsWriter:
    """Writes every person's record to a results file, in the order of image names.

    It has the interface of a metric, so that the trainer feeds it.

    Args:
        path: JSON file to write.
        images: path of each image by the number that the trainer gives it.
        keypoint_set: the joints.
    """

    def __init__(
        self, path: str, images: Mapping[int, str], keypoint_set: KeypointSet
    ) -> None:
        paths = [os.path.abspath(image) for image in images.values()]
        folder = os.path.commonpath([os.path.dirname(image) for image in paths])
        names = [os.path.relpath(image, folder).replace(os.sep, "/") for image in paths]
        numbers = {
            n: number for number, n in Images(folder, sorted(names)).names.items()
        }
        self.path = path
        self.keypoint_set = keypoint_set
        self.frames = {
            number: Frame(name, numbers[name], NO_PIXELS)
            for number, name in zip(images, names)
        }
        self.reset()

    def reset(self) -> None:
        """Drop all records."""
        self.rows: List[Dict[str, Any]] = []

    def update(self, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        """Add the records of a batch."""
        shapes = inputs["im_shape"].numpy()
        poses = poses_of(outputs["keypoint"], shapes, self.keypoint_set)
        for number, pose in zip(inputs["im_id"].numpy().reshape(-1).tolist(), poses):
            self.rows.append(pose_row(self.frames[number], pose))

    def accumulate(self) -> None:
        """Write the records."""
        write_results(self.path, sorted(self.rows, key=lambda row: row["image"]))
        logger.info(f"{counted(len(self.rows), 'person', 'people')}: {self.path}")
