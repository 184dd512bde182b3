import io

import cv2
import numpy as np
import pytest
import simplejpeg
from PIL import Image

from ppdet_hourglass.data import images
from ppdet_hourglass.data.images import (
    SHRINK,
    CutOffError,
    ImageError,
    complete_jpeg,
    decode,
)
from ppdet_hourglass.data.jpeg import BELOW, is_sequential, lacks_end, upper_rows

from .turned import with_tag

#: Smooth in large and noisy in small, so that a shift or another filter would show.
SLOPE = np.add.outer(np.arange(101), np.arange(77)) % 200
PICTURE = (SLOPE[..., None] + [0, 20, 40]).astype(np.uint8)
PICTURE ^= np.random.default_rng(0).integers(0, 8, PICTURE.shape, np.uint8)
COLOURED = Image.fromarray(PICTURE)
INK = Image.fromarray(np.dstack([PICTURE, SLOPE.astype(np.uint8)]), "CMYK")


def pillow(image=COLOURED, **options):
    content = io.BytesIO()
    image.save(content, "JPEG", **options)
    return content.getvalue()


JPEGS = {
    "4:4:4": pillow(subsampling=0),
    "4:2:2": pillow(subsampling=1),
    "4:2:0": pillow(subsampling=2),
    "4:4:0": simplejpeg.encode_jpeg(PICTURE, colorsubsampling="440"),
    "4:1:1": simplejpeg.encode_jpeg(PICTURE, colorsubsampling="411"),
    "grey": pillow(Image.fromarray(PICTURE[..., 0])),
    "CMYK": pillow(INK),
    "RGB": pillow(keep_rgb=True),
    "progressive": pillow(progressive=True),
    "restarts": pillow(restart_marker_blocks=3),
    "EXIF": with_tag(pillow(), 6),
}


def by_opencv(content, shrink=1):
    flags = SHRINK[shrink] | cv2.IMREAD_IGNORE_ORIENTATION
    return cv2.imdecode(np.frombuffer(content, np.uint8), flags)


def test_the_end_by_hand():
    """A start, an empty segment of 2 bytes' length, a scan, pixels and an end."""
    whole = b"\xff\xd8\xff\xe0\0\2\xff\xda\0\2\x11\x22\xff\xd9"
    assert not lacks_end(whole)
    assert not lacks_end(whole + b"\0" * 100_000)  # what some cameras append
    assert lacks_end(whole[:-1]) and lacks_end(whole[:5]) and lacks_end(b"\xff\xd8")
    with_thumbnail = b"\xff\xd8\xff\xe1\0\4\xff\xd9\xff\xff\xda\0\2\x11"
    assert lacks_end(with_thumbnail)  # whose end is not the image's
    assert not lacks_end(with_thumbnail + b"\xff\xd9")
    assert not lacks_end(b"\x89PNG\r\n") and not lacks_end(b"")


@pytest.mark.parametrize("kind", JPEGS)
def test_only_the_end_may_be_missing(kind):
    """Some cameras and optimisers leave it out."""
    content = JPEGS[kind]
    assert complete_jpeg(content) is content
    if is_sequential(content):
        assert (
            complete_jpeg(content[:-2])
            == complete_jpeg(content[:-1] + b"\xd9")
            == content
        )
        assert (decode(content[:-2]) == by_opencv(content)).all()
    for share in (0.01, 0.2, 0.5, 0.9, 0.995):
        with pytest.raises(CutOffError):
            complete_jpeg(content[: int(len(content) * share)])
    with pytest.raises(CutOffError):
        complete_jpeg(content[:-3])


def test_a_progressive_jpeg_needs_its_end():
    """It looks whole after each of its scans."""
    assert not is_sequential(JPEGS["progressive"])
    with pytest.raises(CutOffError):
        decode(JPEGS["progressive"][:-2])


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("shrink", SHRINK)
def test_a_jpeg_has_the_pixels_that_opencv_gives_it(kind, shrink):
    content = JPEGS[kind]
    expected = by_opencv(content, shrink)
    assert expected.shape == (-(-101 // shrink), -(-77 // shrink), 3)
    assert (decode(content, shrink=shrink) == expected).all()
    assert (decode(content, "RGB", shrink) == expected[..., ::-1]).all()
    four = decode(content, "RGBA", shrink)
    assert (four[..., :3] == expected[..., ::-1]).all() and (four[..., 3] == 255).all()


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("shrink", SHRINK)
@pytest.mark.parametrize("rows", [0, 1, 14, 15, 16, 31, 47, 98, 99, 200])
def test_the_upper_rows_are_those_of_the_whole(kind, shrink, rows):
    content = JPEGS[kind]
    upper = decode(content, shrink=shrink, rows=rows)
    needed = min(rows, 101) // shrink
    assert (upper[:needed] == by_opencv(content, shrink)[:needed]).all()
    fewer = rows + BELOW < 101 and kind != "progressive"
    assert upper.shape[0] == -(-(rows + BELOW if fewer else 101) // shrink)


def test_only_the_height_is_changed():
    content = JPEGS["4:2:0"]
    upper = upper_rows(content, 40)
    assert [at for at in range(len(content)) if content[at] != upper[at]] == [
        content.index(b"\xff\xc0") + 6
    ]
    assert upper_rows(content, 99) is content  # which ends below them
    assert upper_rows(b"\xff\xd8\xff\xc0\0\2\xff\xda\0\2", 5)[2:6] == b"\xff\xc0\0\2"


def test_colours_that_come_after_the_whole_brightness():
    """In a scan of their own each, the planes need all rows."""
    content = JPEGS["4:2:0"]
    scan = content.index(b"\xff\xda")
    of_one = content[: scan + 4] + b"\1" + content[scan + 5 :]
    assert upper_rows(of_one, 40) is of_one


@pytest.mark.parametrize("colors", ["BGR", "RGB", "RGBA"])
def test_other_formats(colors):
    content = cv2.imencode(".png", PICTURE)[1].tobytes()
    image = decode(content, colors, rows=5)
    order = [0, 1, 2] if colors == "BGR" else [2, 1, 0]
    assert image.shape == (101, 77, len(colors))
    assert (image[..., order] == PICTURE).all()


@pytest.mark.parametrize("rows", [None, 40])
def test_damaged_pixels_are_those_of_opencv(rows):
    damaged = bytearray(JPEGS["4:2:0"])
    middle = (damaged.index(b"\xff\xda") + len(damaged)) // 2
    damaged[middle : middle + 50] = bytes(range(50))
    with pytest.raises(ValueError):
        simplejpeg.decode_jpeg(damaged)
    image = decode(bytes(damaged), shrink=2, rows=rows)
    assert (image[:20] == by_opencv(damaged, 2)[:20]).all()


@pytest.mark.parametrize(
    "size, limit",
    [
        (b"\xfd\xe8\x7f\xff", "32767 x 65000 pixels; a side may have 32766"),
        (b"\x7f\x00\x7f\x00", "32512 x 32512 pixels; an image may have 1000"),
    ],
)
def test_a_jpeg_that_states_a_huge_size(monkeypatch, size, limit):
    monkeypatch.setattr(images, "MAX_PIXELS", 1000)
    frame = JPEGS["4:2:0"].index(b"\xff\xc0")
    huge = bytearray(JPEGS["4:2:0"])
    huge[frame + 5 : frame + 9] = size
    with pytest.raises(ImageError) as caught:
        decode(bytes(huge))
    assert str(caught.value) == f"has {limit}"


def test_a_png_that_is_cut_off(monkeypatch):
    whole = cv2.imencode(".png", PICTURE)[1].tobytes()
    assert (decode(whole + b"appended") == PICTURE).all()
    long_chunk = whole[:8] + b"\x60" + whole[9:]  # states 1.6 GB
    monkeypatch.setattr(cv2, "imdecode", None)  # which would allocate them
    for content in (whole[: len(whole) // 2], long_chunk):
        with pytest.raises(ImageError, match="^is cut off$"):
            decode(content)


NOTHING = b"\xff\xd8\xff\xda\0\2\xff\xd9"


@pytest.mark.parametrize("content", [b"", b"no picture", NOTHING])
def test_no_image(content):
    with pytest.raises(ImageError) as caught:
        decode(content, rows=3)
    assert str(caught.value) == "cannot be read"
