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


def written(tmp_path, pictures, *batches):
    path = str(tmp_path / "x/results.json")
    writer = ResultsWriter(path, pictures, KEYPOINTS)
    for numbers in batches:
        writer.update(*batch(numbers))
    writer.accumulate()
    return json.loads((tmp_path / "x/results.json").read_text())


def test_records_in_order_of_the_names(tmp_path):
    rows = written(tmp_path, {0: "d/b.png", 1: "d/a.png", 2: "d/c/e.png"}, [0, 1], [2])
    assert [row["image"] for row in rows] == ["a.png", "b.png", "c/e.png"]
    assert [row["image_id"] for row in rows] == [0, 1, 2]
    assert rows[0] == {
        "image": "a.png",
        "image_id": 0,
        "category_id": 1,
        "keypoints": [5.0, 6.0, 0.5, 5.0, 6.0, 0.5],
        "score": 0.5,
        "bbox": [0.0, 0.0, 40.0, 30.0],
        "pixels": "upright",
    }


def test_numbers_of_the_names(tmp_path):
    rows = written(tmp_path, {0: "d/0012.jpg", 1: "d/7.jpg"}, [0, 1])
    assert [row["image_id"] for row in rows] == [12, 7]


def test_a_diverged_network():
    inputs, outputs = batch([0], (np.nan, 6.0, 0.5))
    shapes = inputs["im_shape"].numpy()
    message = refused(poses_of, outputs["keypoint"], shapes, KEYPOINTS)
    assert "person 0 is not finite: did training diverge" in message
