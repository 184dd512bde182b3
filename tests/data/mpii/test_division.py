import pytest

from ppdet_hourglass.data.mpii.annotation_files import divide
from ppdet_hourglass.data.mpii.release import read_release

from ...conftest import refused
from .matlab import image, point, rectangle, write_release

WHOLE = rectangle([point(0, 5, 6)])
SPLIT = {"2.jpg": frozenset([2])}


@pytest.fixture
def people(tmp_path):
    def people(*images, split=SPLIT):
        path = write_release(tmp_path / "mpii.mat", *images)
        return divide(read_release(path), split, "mpii.mat")

    return people


def names(chosen):
    return [(image.name, rectangle.number) for image, rectangle in chosen]


def test_everyone_has_a_place(people):
    found = people(
        image("3.jpg", WHOLE, rectangle(), WHOLE),
        image("2.jpg", WHOLE, WHOLE, rectangle()),
        image("1.jpg", rectangle(), WHOLE, rectangle(center=None), train=False),
        image("0.jpg"),
    )
    assert names(found.train) == [("3.jpg", 1), ("3.jpg", 3)]
    assert names(found.val) == [("2.jpg", 2)]
    assert names(found.no_split) == [("2.jpg", 1)]
    assert names(found.test) == [("1.jpg", 1), ("1.jpg", 2)]
    assert names(p for p, _ in found.dropped) == [
        *(("3.jpg", 2), ("2.jpg", 3), ("1.jpg", 3))
    ]


ONE = [point(0, 1, 2)]


@pytest.mark.parametrize(
    "element, train, reason",
    [
        (rectangle(), True, "training image, no joint annotated"),
        (rectangle([]), True, "training image, no joint annotated"),
        (rectangle(ONE, center=None), True, "training image, no position (objpos)"),
        (rectangle(ONE, scale=None), True, "training image, no scale"),
        (rectangle(ONE, scale=0), True, "training image, no scale"),
        (rectangle(center=None), False, "test image, no position (objpos)"),
        (rectangle(scale=None), False, "test image, no scale"),
    ],
)
def test_why_people_are_dropped(people, element, train, reason):
    found = people(image("1.jpg", element, train=train), split={})
    assert [why for _, why in found.dropped] == [reason]
    assert not found.train and not found.test


def test_a_person_without_head_box_can_be_trained_on(people):
    found = people(image("1.jpg", rectangle(ONE, head=None)), split={})
    assert names(found.train) == [("1.jpg", 1)]


@pytest.mark.parametrize(
    "images", [[image("2.jpg", WHOLE)], [image("2.jpg", WHOLE, WHOLE, train=False)]]
)
def test_another_file_than_the_splits(people, images):
    assert refused(people, *images) == (
        "mpii.mat lacks 1 of the 1 people of the Tompson validation split, first "
        "person 2 of 2.jpg; mpii_human_pose_v1_u12_1.mat has them"
    )


@pytest.mark.parametrize(
    "element, problem",
    [
        (rectangle(ONE, head=None), "no head box"),
        (rectangle(), "training image, no joint annotated"),
    ],
)
def test_an_incomplete_validation_person(people, element, problem):
    assert refused(people, image("2.jpg", WHOLE, element)) == (
        "mpii.mat: person 2 of 2.jpg is in the Tompson validation split, but cannot be "
        f"evaluated: {problem}"
    )
