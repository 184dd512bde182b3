import os

import cv2
import numpy as np
import pytest
from PIL import Image

from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.modeling.codec import HeatmapCodec
from ppdet_hourglass.predict.estimator import PoseEstimator
from ppdet_hourglass.predict.model_spec import ModelSpec
from ppdet_hourglass.predict.sources import Frame
from ppdet_hourglass.web import answer as module
from ppdet_hourglass.web.answer import Asked, answer, read_upload

from ..conftest import refused

COLORS = (0.5, 0.5, 0.5)
SPEC = ModelSpec((16, 16), COLORS, COLORS, read_keypoints("mpii"), HeatmapCodec(False))
FRAME = Frame("7.jpg", 7, np.full((100, 50, 3), 90, np.uint8))
ASKED = Asked("upload", "7.jpg")


def answered(asked, detector=None):
    def network(inputs):
        heatmaps = np.zeros((len(inputs), 16, 4, 4), np.float32)
        heatmaps[..., 2, 2] = 1
        return heatmaps

    return answer(PoseEstimator(network, SPEC, detector=detector), FRAME, asked)


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
    shown = answered(ASKED)
    (record,) = shown.records
    assert record["bbox"] == [0, 0, 50, 100]
    assert (record["image"], record["image_id"]) == ("7.jpg", 7)
    assert record["pixels"] == "upright" and len(record["keypoints"]) == 48
    assert shown.text == "The whole image counts as one person."
    assert shown.image.shape == (1000, 500, 3)
    assert (shown.image != 90).any()


def test_boxes_of_the_visitor_replace_those_of_the_detector():
    def detector(image):
        return np.array([[1, 2, 30, 40], [5, 5, 20, 20]])

    found = answered(ASKED, detector)
    assert [r["bbox"] for r in found.records] == [[1, 2, 30, 40], [5, 5, 20, 20]]
    assert found.text == "The detector found 2 people."
    own = answered(Asked("upload", "7.jpg", boxes=((3, 3, 20, 30),)), detector)
    assert [r["bbox"] for r in own.records] == [[3, 3, 20, 30]]
    assert own.text == "1 person in your box."


def test_the_first_corner_is_marked():
    shown = answered(Asked("upload", "7.jpg", corner=(40, 90)))
    assert shown.text == "Now click the opposite corner."
    assert shown.image[900 - 8, 400].tolist() == [255, 0, 255]  # of the ring


def folder(path):
    """Where a page keeps this upload."""
    return os.path.dirname(path)


@pytest.fixture
def picture(tmp_path):
    path = str(tmp_path / "upload")
    cv2.imwrite(path + ".png", np.full((20, 30, 3), 90, np.uint8))
    return path + ".png"


def test_it_is_named_as_the_visitor_named_it(picture):
    frame = read_upload(picture, "../../000123.png", folder(picture))
    assert (frame.name, frame.number, frame.pixels) == ("000123.png", 123, "upright")
    assert frame.image.shape == (20, 30, 3) and not frame.in_video


def test_it_is_turned_upright(tmp_path):
    path = str(tmp_path / "turned.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(path, exif=exif)
    assert read_upload(path, "turned.jpg", folder(path)).image.shape == (30, 20, 3)


@pytest.mark.parametrize("content", [b"", b"no picture", b"<svg></svg>", b"GIF89a"])
def test_what_is_no_picture(tmp_path, content):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert refused(read_upload, str(path), "a.png", folder(path)) == (
        "a.png is not an image that can be read: JPEG, PNG, WebP, BMP or TIFF is "
        "expected"
    )


def test_a_damaged_picture(picture):
    content = open(picture, "rb").read()
    with open(picture, "wb") as file:
        file.write(content[:45])
    assert refused(read_upload, picture, "a.png", folder(picture)) == (
        "a.png is damaged: it cannot be decoded"
    )


@pytest.mark.parametrize("bomb", [False, True])
def test_a_picture_that_is_too_large(picture, monkeypatch, bomb):
    """Its header tells: it is not decoded."""
    monkeypatch.setattr(module, "MAX_PIXELS", 500)
    monkeypatch.setattr(module, "read_image", None)
    if bomb:
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert refused(read_upload, picture, "a.png", folder(picture)).startswith(
        "a.png has more than "
    )


@pytest.mark.parametrize(
    "place",
    ["beside/a.png", "page/../beside/a.png", "page/link.png", "page", "page/no"],
)
def test_only_files_of_the_pages_own_folder_are_read(tmp_path, place):
    for name in ("page", "beside"):
        (tmp_path / name).mkdir()
    Image.new("RGB", (9, 9)).save(tmp_path / "beside/a.png")
    (tmp_path / "page/link.png").symlink_to(tmp_path / "beside/a.png")
    message = refused(
        read_upload, str(tmp_path / place), "a.png", str(tmp_path / "page")
    )
    assert message == "a.png was not uploaded to this page"


def test_a_pipe_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    message = refused(read_upload, str(tmp_path / "a.png"), "a.png", str(tmp_path))
    assert "not uploaded" in message
