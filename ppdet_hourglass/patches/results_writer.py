"""What the trainer predicts, as poses and as a results file.

Letters: N pictures of a batch, one person in each, K joints.
"""

import os
from typing import Any, Dict, List, Mapping

import numpy as np
from ppdet.utils.logger import setup_logger

from ..frames.run import pose_row
from ..frames.sources import Frame, Images, counted
from ..keypoints.keypoint_set import KeypointSet
from ..keypoints.pose import Pose
from ..metrics.pck import check_finite
from ..metrics.results_file import write_results

logger = setup_logger(__name__)

#: The trainer keeps none, and records need none.
NO_PIXELS = np.empty((0, 0, 3), np.uint8)


def poses_of(
    keypoint: Any, shapes: np.ndarray, keypoint_set: KeypointSet
) -> List[Pose]:
    """The people of a batch.

    Args:
        keypoint: the architecture's output: ``keypoint[0]`` is a pair of (N, K, 3), x
            and y in 0-based pixels with a score, and (N, 1), the mean score.
        shapes: (N, 2) heights and widths of the pictures.
        keypoint_set: the K joints.

    Raises:
        UserError: a joint is not a finite number.
    """
    joints, means = keypoint[0]
    check_finite(joints[..., :2])
    boxes = np.pad(shapes[:, ::-1], ((0, 0), (2, 0))).astype(np.float32)
    return [
        Pose(person[:, :2], person[:, 2], box, float(mean), keypoint_set)
        for person, box, (mean,) in zip(joints, boxes, means)
    ]


class ResultsWriter:
    """Stands among the trainer's metrics and writes every person's record.

    The records are those of this package's ``tools/infer.py``, ordered by name.

    Args:
        path: JSON file to write.
        pictures: path of each picture by the trainer's number.
        keypoint_set: the joints.
    """

    def __init__(
        self, path: str, pictures: Mapping[int, str], keypoint_set: KeypointSet
    ) -> None:
        paths = [os.path.abspath(picture) for picture in pictures.values()]
        folder = os.path.commonpath([os.path.dirname(picture) for picture in paths])
        names = [os.path.relpath(path, folder).replace(os.sep, "/") for path in paths]
        ordered = sorted(names)
        self.path = path
        self.keypoint_set = keypoint_set
        self.names = dict(zip(pictures, names))
        numbered = Images(folder, ordered).names.items()
        self.numbers = {name: number for number, name in numbered}
        self.reset()

    def reset(self) -> None:
        """Forget all records."""
        self.rows: List[Dict[str, Any]] = []

    def update(self, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        """Take a batch."""
        poses = poses_of(
            outputs["keypoint"], inputs["im_shape"].numpy(), self.keypoint_set
        )
        for number, pose in zip(inputs["im_id"].numpy().reshape(-1).tolist(), poses):
            name = self.names[number]
            frame = Frame(name, self.numbers[name], NO_PIXELS)
            self.rows.append(pose_row(frame, pose))

    def accumulate(self) -> None:
        """Write the records."""
        write_results(self.path, sorted(self.rows, key=lambda row: row["image"]))
        logger.info(f"{counted(len(self.rows), 'person', 'people')}: {self.path}")
