"""Pictures that their EXIF orientation turns, from Python."""

import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.predict.crops import read_picture

from ..data.turned import write_turned


def test_a_file_is_upright_and_pixels_stay_as_they_are(tmp_path):
    write_turned(tmp_path / "a.jpg", tag=6)
    assert read_picture(tmp_path / "a.jpg").shape == (12, 10, 3)
    pixels = np.zeros((10, 12, 3), np.uint8)
    assert read_picture(pixels, boxes_given=True) is pixels


def test_boxes_in_a_turned_file_are_refused(tmp_path):
    write_turned(tmp_path / "a.jpg", tag=6)
    with pytest.raises(UserError) as caught:
        read_picture(tmp_path / "a.jpg", boxes_given=True)
    assert str(caught.value) == (
        f"image {tmp_path}/a.jpg is turned by its EXIF orientation 6, and its boxes "
        "may be in stored or in upright pixels: read it, and give the pixels that the "
        "boxes are in"
    )
    write_turned(tmp_path / "a.jpg", tag=1)
    assert read_picture(tmp_path / "a.jpg", boxes_given=True).shape == (10, 12, 3)
