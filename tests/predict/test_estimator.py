"""The predictor on a network that finds the brightest pixel."""

import cv2
import numpy as np
import pytest

from ppdet_hourglass import Predictor
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.modeling.codec import HeatmapCodec
from ppdet_hourglass.predict.model_spec import ModelSpec

SIZE = 64


class Brightest:
    """Each of K heatmaps is the crop's red at a quarter of its size."""

    def __init__(self):
        self.batches = []

    def __call__(self, inputs):
        self.batches.append(len(inputs))
        small = inputs[:, :1].reshape(len(inputs), 1, SIZE // 4, 4, SIZE // 4, 4)
        return np.repeat(small.max(axis=(3, 5)), 16, axis=1)


def predictor(batch_size=16, **options):
    codec = HeatmapCodec(**options)
    spec = ModelSpec((SIZE, SIZE), (0, 0, 0), (1, 1, 1), read_keypoints("mpii"), codec)
    return Predictor(Brightest(), spec, batch_size)


def picture(x, y, height=100, width=100):
    image = np.zeros((height, width, 3), np.uint8)
    image[y - 1 : y + 2, x - 1 : x + 2] = 255
    return image


def test_finds_a_dot_in_a_box_and_weighs_the_boxs_score():
    # The crop: 64 px around (50, 40); a heatmap pixel is 4 px.
    box = [50 - 25.6, 40 - 25.6, 51.2, 51.2, 0.5]
    (pose,) = predictor(flip_test=False)(picture(60, 30), [box])
    assert np.abs(pose.keypoints - [60, 30]).max() <= 4
    assert pose.keypoints.shape == (16, 2) and pose.keypoints.dtype == np.float32
    assert pose.scores == pytest.approx(1) and pose.score == pytest.approx(0.5)
    assert pose.box == pytest.approx(box[:4])


def test_without_boxes_the_whole_picture_is_one_person():
    (pose,) = predictor(flip_test=False)(picture(20, 90, height=128, width=64))
    assert np.abs(pose.keypoints - [20, 90]).max() <= 8
    assert pose.box.tolist() == [0, 0, 64, 128]


def test_people_of_several_pictures_share_batches_and_keep_their_order(tmp_path):
    path = tmp_path / "picture.png"
    cv2.imwrite(str(path), picture(20, 70))
    model = predictor(batch_size=2, flip_test=False)
    boxes = [[[0, 0, 100, 100]] * 2, np.zeros((0, 4)), None]
    poses = model([picture(50, 50), picture(1, 1), path], boxes)
    assert [len(row) for row in poses] == [2, 0, 1]
    assert model.network.batches == [2, 1]
    assert np.abs(poses[2][0].keypoints - [20, 70]).max() <= 6


def test_flip_test_asks_twice_and_exchanges_sides():
    left = read_keypoints("mpii").joints.index("left_wrist")
    right = read_keypoints("mpii").joints.index("right_wrist")

    def network(inputs):
        maps = np.zeros((len(inputs), 16, 16, 16), np.float32)
        maps[:, left, 8, 4] = 1
        maps[:, right, 8, 11] = 1
        return maps

    spec = ModelSpec((64, 64), (0, 0, 0), (1, 1, 1), read_keypoints("mpii"))
    (pose,) = Predictor(network, spec)(np.zeros((64, 64, 3), np.uint8))
    assert pose.keypoints[left].tolist() == [16, 32]
    assert pose.keypoints[right].tolist() == [44, 32]
    assert pose.scores[[left, right]].tolist() == [1, 1]


@pytest.mark.parametrize(
    "image, boxes, message",
    [
        ("nowhere.jpg", None, "image nowhere.jpg does not exist"),
        (
            np.zeros((4, 4), np.uint8),
            None,
            "an image must be (H, W, 3), uint8, but got (4, 4), uint8",
        ),
        (
            picture(9, 9),
            [1, 2, 3, 4],
            "boxes must have the shape (M, 4), x, y, width, height, or (M, 5) with a "
            "score, but got (4,)",
        ),
        (
            picture(9, 9),
            [[1, 2, 3, 4], [1, 2, 0, 4]],
            "box 1 must be wider and higher than 0, but is [1.0, 2.0, 0.0, 4.0] (x, y, "
            "width, height)",
        ),
        (
            [picture(9, 9)],
            [None, None],
            "boxes must have one entry for each image: 1 images, but 2 entries of "
            "boxes",
        ),
    ],
)
def test_wrong_input(image, boxes, message):
    with pytest.raises(UserError) as error:
        predictor()(image, boxes)
    assert str(error.value) == message


def test_unreadable_picture(tmp_path):
    path = tmp_path / "text.jpg"
    path.write_text("no picture")
    with pytest.raises(UserError, match=r"^image .*text\.jpg cannot be read$"):
        predictor()(path)


def test_batch_size_must_be_positive():
    with pytest.raises(UserError, match="^batch_size must be at least 1, but got 0$"):
        predictor(batch_size=0)


def test_a_diverged_network_predicts_nothing():
    model = predictor(flip_test=False)
    model.network = lambda inputs: np.full((1, 16, 16, 16), np.nan, np.float32)
    with pytest.raises(
        UserError, match="heatmaps are not finite: did training diverge"
    ):
        model(picture(60, 30))
