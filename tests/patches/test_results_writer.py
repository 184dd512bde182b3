"""The trainer's predictions as records."""

import json

import numpy as np
import paddle

from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.patches.results_writer import ResultsWriter, poses_of

from ..conftest import refused

KEYPOINTS = read_keypoints("mpii")


def batch(numbers, joint=(5.0, 6.0, 0.5)):
    """Pictures of 40 x 30 pixels; two joints at the same place."""
    joints = np.tile(np.float32(joint), (len(numbers), 2, 1))
    inputs = {
        "im_id": paddle.to_tensor([[number] for number in numbers]),
        "im_shape": paddle.to_tensor([[30.0, 40.0]] * len(numbers)),
    }
    return inputs, {"keypoint": [[joints, joints[:, :1, 2]]]}


def test_records_in_order_of_the_names(tmp_path):
    path = tmp_path / "x/results.json"
    pictures = {0: "d/12.jpg", 1: "d/0007.jpg", 2: "d/c/3.jpg"}
    writer = ResultsWriter(str(path), pictures, KEYPOINTS)
    writer.update(*batch([0, 1]))
    writer.update(*batch([2]))
    writer.accumulate()
    rows = json.loads(path.read_text())
    assert [row["image"] for row in rows] == ["0007.jpg", "12.jpg", "c/3.jpg"]
    assert [row["image_id"] for row in rows] == [7, 12, 3]
    assert rows[0] == {
        "image": "0007.jpg",
        "image_id": 7,
        "category_id": 1,
        "keypoints": [5.0, 6.0, 0.5, 5.0, 6.0, 0.5],
        "score": 0.5,
        "bbox": [0.0, 0.0, 40.0, 30.0],
        "pixels": "upright",
    }


def test_a_diverged_network():
    inputs, outputs = batch([0], (np.nan, 6.0, 0.5))
    shapes = inputs["im_shape"].numpy()
    message = refused(poses_of, outputs["keypoint"], shapes, KEYPOINTS)
    assert "person 0 is not finite: did training diverge" in message
