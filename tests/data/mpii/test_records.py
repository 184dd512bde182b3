import numpy as np

from ppdet_hourglass.data.mpii.annotation_files import (
    layout_of,
    make_record,
    make_test_record,
)
from ppdet_hourglass.data.mpii.release import Image, Rectangle

JOINTS = np.full((16, 2), np.nan)
JOINTS[9] = 30.50049, 10.2506
HEAD = np.array([40.0, 20.0, 60.0, 45.0])


def person(number=1, center=(60.0, 50.0), joints=JOINTS, head=HEAD, train=True):
    center = None if center is None else np.array(center)
    rectangle = Rectangle(number, center, 0.4, joints, head, repeated=0)
    return Image("1.jpg", train, (rectangle,), frozenset([2])), rectangle


def test_a_record_is_that_of_the_public_file_and_the_head_box():
    record = make_record(person())
    assert list(record) == [
        *("joints_vis", "joints", "image", "scale", "center", "head_box")
    ]
    assert record["joints"] == [[-1.0, -1.0]] * 9 + [[30.5, 10.251]] + [[-1, -1]] * 6
    assert record["joints_vis"] == [0] * 9 + [1] + [0] * 6
    assert record["image"] == "1.jpg" and record["scale"] == 0.4
    assert record["center"] == [60.0, 50.0]
    assert record["head_box"] == [40.0, 20.0, 60.0, 45.0]


def test_what_is_not_there_is_left_out():
    record = make_record(person(joints=np.full((16, 2), np.nan), head=None))
    assert record == {"image": "1.jpg", "scale": 0.4, "center": [60.0, 50.0]}


def test_thousandths_are_rounded_as_printf_does():
    record = make_record(person(center=(0.0095, 0.0125)))
    assert f"{0.0095:.3f} {0.0125:.3f}" == "0.009 0.013"
    assert record["center"] == [0.009, 0.013]


def test_a_test_record_says_where_the_person_belongs():
    first, second = make_test_record(person(1)), make_test_record(person(2))
    assert (first["rectangle"], first["single_person"]) == (1, False)
    assert (second["rectangle"], second["single_person"]) == (2, True)
    assert len(first["joints"]) == 16  # where somebody has the annotations


def test_the_layout_holds_every_rectangle_of_the_test_images():
    _, one = person()
    _, two = person(2, center=None)
    images = [
        Image("1.jpg", True, (one,), frozenset()),
        Image("2.jpg", False, (one, two), frozenset()),
        Image("3.jpg", False, (), frozenset()),
    ]
    assert layout_of(images) == [
        {"image": "2.jpg", "rectangles": [[60.0, 50.0], None]},
        {"image": "3.jpg", "rectangles": []},
    ]
