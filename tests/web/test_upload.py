import cv2
import numpy as np
import pytest
from PIL import Image

from ppdet_hourglass.web import upload
from ppdet_hourglass.web.upload import read_upload

from ..conftest import refused


@pytest.fixture
def picture(tmp_path):
    path = str(tmp_path / "upload")
    cv2.imwrite(path + ".png", np.full((20, 30, 3), 90, np.uint8))
    return path + ".png"


def test_it_is_named_as_the_visitor_named_it(picture):
    frame = read_upload(picture, "../../000123.png")
    assert (frame.name, frame.number, frame.pixels) == ("000123.png", 123, "upright")
    assert frame.image.shape == (20, 30, 3) and not frame.in_video


def test_it_is_turned_upright(tmp_path):
    path = str(tmp_path / "turned.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(path, exif=exif)
    assert read_upload(path, "turned.jpg").image.shape == (30, 20, 3)


@pytest.mark.parametrize("content", [b"", b"no picture", b"<svg></svg>", b"GIF89a"])
def test_what_is_no_picture(tmp_path, content):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert refused(read_upload, str(path), "a.png") == (
        "a.png is not a picture that can be read: JPEG, PNG, WebP, BMP or TIFF is "
        "expected"
    )


def test_a_damaged_picture(picture):
    content = open(picture, "rb").read()
    with open(picture, "wb") as file:
        file.write(content[:45])
    assert refused(read_upload, picture, "a.png") == (
        "a.png is damaged: it cannot be decoded"
    )


@pytest.mark.parametrize("bomb", [False, True])
def test_a_picture_that_is_too_large(picture, monkeypatch, bomb):
    """Its header tells: it is not decoded."""
    monkeypatch.setattr(upload, "MAX_PIXELS", 500)
    monkeypatch.setattr(upload, "read_image", None)
    if bomb:
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert refused(read_upload, picture, "a.png").startswith("a.png has more than ")
