import numpy as np

from ppdet_hourglass.frames.results import result_row
from ppdet_hourglass.frames.sources import Frame
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.keypoints.pose import Pose

PIXELS = np.zeros((4, 4, 3), np.uint8)
POSE = Pose(
    np.float32([[1.25, 2], [3.00049, 4]]),
    np.float32([0.5, 0.125]),
    np.float32([10, 20, 30, 40.5]),
    0.3125,
    read_keypoints("mpii"),
)


def test_a_person_of_an_image():
    assert result_row(Frame("x/7.jpg", 7, PIXELS), POSE) == {
        "image": "x/7.jpg",
        "image_id": 7,
        "category_id": 1,
        "keypoints": [1.25, 2.0, 0.5, 3.0, 4.0, 0.125],
        "score": 0.3125,
        "bbox": [10.0, 20.0, 30.0, 40.5],
    }


def test_a_person_of_a_video_has_a_frame():
    row = result_row(Frame("clip.mp4", 7, PIXELS, in_video=True), POSE)
    assert row["frame"] == row["image_id"] == 7 and row["image"] == "clip.mp4"
