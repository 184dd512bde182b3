import numpy as np

from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.modeling.codec import HeatmapCodec
from ppdet_hourglass.predict.estimator import PoseEstimator
from ppdet_hourglass.predict.model_spec import ModelSpec
from ppdet_hourglass.predict.sources import Frame
from ppdet_hourglass.web.answer import Answers, Asked

COLORS = (0.5, 0.5, 0.5)
SPEC = ModelSpec((16, 16), COLORS, COLORS, read_keypoints("mpii"), HeatmapCodec(False))
FRAME = Frame("7.jpg", 7, np.full((100, 50, 3), 90, np.uint8))
ASKED = Asked("upload", "7.jpg")


def answers(detector=None):
    def network(inputs):
        heatmaps = np.zeros((len(inputs), 16, 4, 4), np.float32)
        heatmaps[..., 2, 2] = 1
        return heatmaps

    return Answers(PoseEstimator(network, SPEC, detector=detector))


def test_two_clicks_make_a_box_whatever_their_order():
    first = ASKED.clicked((30, 10), least=8)
    assert (first.corner, first.boxes) == ((30, 10), ())
    second = first.clicked((10, 60), least=8)
    assert (second.corner, second.boxes) == (None, ((10, 10, 20, 50),))
    third = second.clicked((0, 0), least=8).clicked((9, 9), least=8)
    assert third.boxes == ((10, 10, 20, 50), (0, 0, 9, 9))


def test_a_click_beside_the_first_corner_replaces_it():
    slip = ASKED.clicked((30, 10), least=8).clicked((37, 90), least=8)
    assert (slip.corner, slip.boxes) == ((37, 90), ())


def test_the_whole_picture_is_one_person():
    answer = answers()(FRAME, ASKED)
    (record,) = answer.records
    assert record["bbox"] == [0, 0, 50, 100]
    assert (record["image"], record["image_id"]) == ("7.jpg", 7)
    assert record["pixels"] == "upright" and len(record["keypoints"]) == 48
    assert answer.text == "The whole picture was taken for one person."
    assert answer.picture.shape == (1000, 500, 3)
    assert (answer.picture != 90).any()


def test_boxes_of_the_visitor_replace_those_of_the_detector():
    both = answers(lambda image: np.array([[1, 2, 30, 40], [5, 5, 20, 20]]))
    found = both(FRAME, ASKED)
    assert [r["bbox"] for r in found.records] == [[1, 2, 30, 40], [5, 5, 20, 20]]
    assert found.text == "The detector found 2 people."
    own = both(FRAME, Asked("upload", "7.jpg", boxes=((3, 3, 20, 30),)))
    assert [r["bbox"] for r in own.records] == [[3, 3, 20, 30]]
    assert own.text == "1 person in your box."


def test_the_first_corner_is_marked():
    answer = answers()(FRAME, Asked("upload", "7.jpg", corner=(40, 90)))
    assert answer.text == "Now click the opposite corner."
    assert answer.picture[900 - 8, 400].tolist() == [255, 0, 255]  # of the ring
