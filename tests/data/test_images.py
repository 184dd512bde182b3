import os
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from ppdet_hourglass.data.images import (
    TURNS,
    image_header,
    number_in,
    orientation,
    read_image,
    refuse_cut_off,
    stored_points,
    turn_upright,
)
from ppdet_hourglass.errors import UserError

from ..conftest import refused
from .turned import write_turned

NOISE = np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8)

#: A stored picture of 3 x 2 pixels, and it upright for each orientation.
STORED = [[1, 2, 3], [4, 5, 6]]
EXPECTED = {
    1: [[1, 2, 3], [4, 5, 6]],
    2: [[3, 2, 1], [6, 5, 4]],
    3: [[6, 5, 4], [3, 2, 1]],
    4: [[4, 5, 6], [1, 2, 3]],
    5: [[1, 4], [2, 5], [3, 6]],
    6: [[4, 1], [5, 2], [6, 3]],
    7: [[6, 3], [5, 2], [4, 1]],
    8: [[3, 6], [2, 5], [1, 4]],
}


@pytest.mark.parametrize("tag", TURNS)
def test_turning_by_hand(tag):
    image = np.dstack([STORED] * 3).astype(np.uint8)
    upright = turn_upright(image, tag)
    assert upright[..., 0].tolist() == EXPECTED[tag]
    # A point in the middle of each pixel finds that pixel in the stored picture.
    height, width = upright.shape[:2]
    y, x = np.mgrid[:height, :width]
    points = np.stack([x, y], axis=-1) + 0.5
    x, y = np.moveaxis(stored_points(points, np.array([width, height]), tag), -1, 0)
    found = np.array(STORED)[np.floor(y).astype(int), np.floor(x).astype(int)]
    assert found.tolist() == EXPECTED[tag]


@pytest.mark.parametrize("tag", TURNS)
def test_a_file_is_read_as_opencv_turns_it(tmp_path, tag):
    image = np.zeros((16, 32, 3), np.uint8)
    image[:8, :16] = 255
    write_turned(tmp_path / "a.jpg", tag, image)
    path = str(tmp_path / "a.jpg")
    assert orientation(path) == tag
    upright = cv2.imread(path)
    assert np.array_equal(read_image(path, pixels="upright"), upright)
    stored = read_image(path)
    assert stored.shape == image.shape and np.abs(stored - 1.0 * image).max() < 9


@pytest.mark.parametrize("ending, is_jpeg", [("jpg", True), ("png", False)])
@pytest.mark.parametrize("before", [4, 70_000])
def test_header(tmp_path, ending, is_jpeg, before):
    """Also behind a thumbnail, or whatever else comes first and is long."""
    content = cv2.imencode(f".{ending}", np.zeros((16, 32, 3), np.uint8))[1].tobytes()
    if is_jpeg:
        segment = (
            b"\xff\xe2" + (before // 2).to_bytes(2, "big") + bytes(before // 2 - 2)
        )
        content = content[:2] + 2 * segment + content[2:]
    (tmp_path / "a").write_bytes(content)
    assert image_header(str(tmp_path / "a")) == ((32, 16), is_jpeg)


def test_webp_is_turned(tmp_path):
    image = Image.new("RGB", (32, 16))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.webp", exif=exif)
    webp = str(tmp_path / "a.webp")
    assert orientation(webp) == 6
    assert read_image(webp).shape == (16, 32, 3)
    assert read_image(webp, pixels="upright").shape == (32, 16, 3)


def test_tiff_is_always_turned(tmp_path):
    tiff = str(tmp_path / "a.tif")
    Image.new("RGB", (32, 16)).save(tiff, tiffinfo={0x0112: 6})
    assert orientation(tiff) == 1
    if cv2.imread(tiff) is None:
        pytest.skip("OpenCV 5.0.0 cannot read a TIFF with this orientation")
    assert read_image(tiff).shape == read_image(tiff, pixels="upright").shape


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe1\0\x10Exif"])
def test_a_damaged_file_has_no_orientation(tmp_path, content):
    (tmp_path / "a.jpg").write_bytes(content)
    assert orientation(str(tmp_path / "a.jpg")) == 1


def test_an_orientation_that_does_not_exist(tmp_path):
    write_turned(tmp_path / "a.jpg", 9)
    assert orientation(str(tmp_path / "a.jpg")) == 1


def test_unreadable(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    for name, problem in (("a.jpg", "cannot be read"), ("b.jpg", "does not exist")):
        path = str(tmp_path / name)
        with pytest.raises(UserError) as caught:
            read_image(path, "val.json: record 3")
        assert str(caught.value) == f"val.json: record 3: image {path} {problem}"
        with pytest.raises(UserError) as caught:
            read_image(path)
        assert str(caught.value) == f"image {path} {problem}"


@pytest.mark.parametrize(
    "name, number",
    [("x/000139.jpg", 139), ("7", 7), ("²5.jpg", None), ("٣.jpg", None), ("a7", None)],
)
def test_number_in_a_name(name, number):
    assert number_in(name) == number


def test_a_jpeg_with_a_thumbnail_in_its_exif(tmp_path):
    path = tmp_path / "a.jpg"
    Image.fromarray(NOISE).save(path, exif=b"Exif\0\0" + b"\xff\xd9" * 4)
    content = path.read_bytes()
    assert read_image(str(path)).shape == NOISE.shape
    path.write_bytes(content[: len(content) // 2])
    assert "is cut off" in refused(read_image, str(path))


def test_the_reader_refuses_it(tmp_path):
    path = tmp_path / "a.jpg"
    content = cv2.imencode(".jpg", NOISE)[1].tobytes()
    path.write_bytes(content[:-100])
    assert cv2.imread(str(path)) is not None  # partly grey, and only a line on stderr
    message = refused(read_image, str(path), "val.json: record 3")
    assert message == f"val.json: record 3: image {path} is cut off"


def test_a_side_that_cannot_be_cropped(tmp_path):
    path = str(tmp_path / "a.png")
    cv2.imwrite(path, np.zeros((2, 40000, 3), np.uint8))
    assert refused(read_image, path) == (
        f"image {path} has 40000 x 2 pixels; a side may have 32766"
    )
    cv2.imwrite(path, np.zeros((2, 32766, 3), np.uint8))
    image = read_image(path)
    assert cv2.warpAffine(image, np.eye(2, 3), (8, 8)).shape == (8, 8, 3)


def test_a_stock_reader_is_not_given_what_is_cut_off(tmp_path):
    path = tmp_path / "a.jpg"
    content = cv2.imencode(".jpg", NOISE)[1].tobytes()
    for whole in (content, content[:-2], content + b"appended", b"no JPEG"):
        path.write_bytes(whole)
        refuse_cut_off(str(path), "val.json")
    path.write_bytes(content[:-3])
    message = refused(refuse_cut_off, str(path), "val.json")
    assert message == f"val.json: image {path} is cut off"
    assert "does not exist" in refused(refuse_cut_off, str(tmp_path / "b.jpg"))


@pytest.mark.parametrize("read", [read_image, refuse_cut_off, image_header])
def test_only_regular_files_are_opened(tmp_path, read):
    """A pipe would block for ever, and /dev/zero never ends."""
    os.mkfifo(tmp_path / "a.jpg")
    for path in (str(tmp_path / "a.jpg"), "/dev/zero", str(tmp_path)):
        assert refused(read, path) == f"image {path} is not a regular file"
        assert orientation(path) == 1


def test_an_image_that_pillow_calls_a_bomb(tmp_path, recwarn):
    """18,000 x 10,000 pixels; its limit stays as it was for everybody else."""
    path = tmp_path / "a.png"
    small = Image.new("1", (18, 10))
    exif = small.getexif()
    exif[0x0112] = 6
    small.save(path, exif=exif)
    content = bytearray(path.read_bytes())
    content[16:24] = struct.pack(">II", 18_000, 10_000)
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    path.write_bytes(content)
    path = str(path)
    limit = Image.MAX_IMAGE_PIXELS
    assert image_header(path) == ((18_000, 10_000), False)
    assert orientation(path) == 6
    assert Image.MAX_IMAGE_PIXELS == limit < 10**8 and not recwarn
