import cv2
import numpy as np
import pytest
from PIL import Image

from ppdet_hourglass.data.images import read_image
from ppdet_hourglass.data.jpeg_end import is_cut_off

from ..conftest import refused

NOISE = np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8)


def jpeg(*options):
    return cv2.imencode(".jpg", NOISE, [*options])[1].tobytes()


def test_by_hand():
    """A start, an empty segment of 2 bytes' length, a scan, pixels and an end."""
    whole = b"\xff\xd8\xff\xe0\0\2\xff\xda\0\2\x11\x22\xff\xd9"
    assert not is_cut_off(whole)
    assert not is_cut_off(whole + b"\0" * 100_000)  # what some cameras append
    assert is_cut_off(whole[:-1]) and is_cut_off(whole[:5]) and is_cut_off(b"\xff\xd8")
    with_thumbnail = b"\xff\xd8\xff\xe1\0\4\xff\xd9\xff\xff\xda\0\2\x11"
    assert is_cut_off(with_thumbnail)  # whose end is not the picture's
    assert not is_cut_off(with_thumbnail + b"\xff\xd9")
    assert not is_cut_off(b"\x89PNG\r\n") and not is_cut_off(b"")


@pytest.mark.parametrize("progressive", [0, 1])
def test_real_jpegs(tmp_path, progressive):
    whole = jpeg(cv2.IMWRITE_JPEG_PROGRESSIVE, progressive)
    assert not is_cut_off(whole)
    for share in (0.01, 0.2, 0.5, 0.9, 0.9999):
        assert is_cut_off(whole[: int(len(whole) * share)]), share


def test_a_jpeg_with_a_thumbnail_in_its_exif(tmp_path):
    path = tmp_path / "a.jpg"
    Image.fromarray(NOISE).save(path, exif=b"Exif\0\0" + b"\xff\xd9" * 4)
    content = path.read_bytes()
    assert not is_cut_off(content) and is_cut_off(content[: len(content) // 2])


def test_the_reader_refuses_it(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg()[:-100])
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
