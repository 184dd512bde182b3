import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.predict.person_crops import cut, image_pixels

from ..data.turned import write_turned


def test_a_crop_of_the_inputs_size_is_a_slice_and_black_outside():
    image = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    crop = cut(image, np.array([30.0, 20.0]), np.array([0.1, 0.1]), (20, 20))
    assert (crop == image[10:30, 20:40]).all()
    crop = cut(image, np.array([0.0, 20.0]), np.array([0.1, 0.1]), (20, 20))
    assert (crop[:, :10] == 0).all() and (crop[:, 10:] == image[10:30, :10]).all()


def test_a_file_is_upright_and_pixels_stay_as_they_are(tmp_path):
    write_turned(tmp_path / "a.jpg", tag=6)
    assert image_pixels(tmp_path / "a.jpg").shape == (12, 10, 3)
    pixels = np.zeros((10, 12, 3), np.uint8)
    assert image_pixels(pixels, boxes_given=True) is pixels


def test_boxes_in_a_turned_file_are_refused(tmp_path):
    write_turned(tmp_path / "a.jpg", tag=6)
    with pytest.raises(UserError) as caught:
        image_pixels(tmp_path / "a.jpg", boxes_given=True)
    assert str(caught.value) == (
        f"image {tmp_path}/a.jpg is turned by its EXIF orientation 6: read it, and "
        "give the pixels, stored or upright, that its boxes are in"
    )
    write_turned(tmp_path / "a.jpg", tag=1)
    assert image_pixels(tmp_path / "a.jpg", boxes_given=True).shape == (10, 12, 3)
