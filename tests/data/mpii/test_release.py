import numpy as np
import pytest
from scipy.io import savemat

from ppdet_hourglass.data.mpii.release import read_release

from ...conftest import refused
from .matlab import (
    EMPTY,
    image,
    number,
    objpos,
    point,
    rectangle,
    structs,
    write_release,
)

POINTS = [
    point(9, 30.5, 10.25),  # neck and head top have no is_visible
    point(0, 11.0, 12.0, is_visible="1"),
    point(1, 21.0, 22.0, is_visible="0"),
    point(6, 61.0, 62.0, is_visible=number(0)),
    point(15, 151, 152, is_visible=EMPTY),
]


@pytest.fixture
def read(tmp_path):
    def read(*images, **changes):
        return read_release(write_release(tmp_path / "mpii.mat", *images, **changes))

    return read


@pytest.fixture
def only(read):
    """The only person of a file with one image."""

    def only(element):
        (found,) = read(image("1.jpg", element))[0].rectangles
        return found

    return only


def test_a_person(only):
    person = only(rectangle(POINTS, (60.0, 50.0), 0.4, (40, 20, 60, 45)))
    assert person.number == 1 and person.scale == 0.4
    assert person.center.tolist() == [60.0, 50.0]
    assert person.head_box.tolist() == [40.0, 20.0, 60.0, 45.0]
    assert np.flatnonzero(~np.isnan(person.joints[:, 0])).tolist() == [0, 1, 6, 9, 15]
    assert person.joints[[0, 1, 6, 9, 15]].tolist() == [
        *([11.0, 12.0], [21.0, 22.0], [61.0, 62.0], [30.5, 10.25], [151.0, 152.0])
    ]
    assert person.repeated == 0


def test_images_with_any_number_of_people(read):
    none, one, three, test = read(
        image("1.jpg"),
        image("2.jpg", rectangle(POINTS), single=[1]),
        image("3.jpg", *[rectangle(POINTS)] * 3, single=[1, 3]),
        image("4.jpg", rectangle(), train=False, single=[]),
    )
    assert [i.name for i in (none, one, three, test)] == [f"{i}.jpg" for i in "1234"]
    assert [i.train for i in (none, one, three, test)] == [True, True, True, False]
    assert none.rectangles == () and none.single == frozenset()
    assert one.single == {1} and three.single == {1, 3}
    assert [person.number for person in three.rectangles] == [1, 2, 3]


def test_fields_that_one_person_has_and_another_lacks(read):
    """MATLAB gives all elements of a struct array the same fields, some ``[]``."""
    nothing = rectangle(None, center=None, scale=None, head=None)
    whole, bare = read(image("1.jpg", rectangle(POINTS), nothing))[0].rectangles
    assert whole.scale == 0.4
    assert (bare.center, bare.scale, bare.head_box) == (None, None, None)
    assert np.isnan(bare.joints).all()


def test_empty_annopoints_and_positions(only):
    element = {**rectangle(), "annopoints": structs({"point": EMPTY})}
    assert np.isnan(only(element).joints).all()
    assert only({**rectangle(), "objpos": objpos(5, np.nan)}).center is None
    person = only(rectangle([{**point(3, 1, 2), "x": EMPTY}, point(4, 5, 6)]))
    assert np.flatnonzero(~np.isnan(person.joints[:, 0])).tolist() == [4]


def test_the_last_of_repeated_points_counts(only):
    person = only(rectangle([point(3, 1, 2), point(4, 7, 8), point(3, 5, 6)]))
    assert person.joints[3].tolist() == [5.0, 6.0] and person.repeated == 1


@pytest.mark.parametrize(
    "element, problem",
    [
        (rectangle([point(16, 1, 2)]), "a point's id must be 0 to 15: 16"),
        (
            rectangle([{**point(0, 1, 2), "id": EMPTY}]),
            "a point's id must be 0 to 15: ",
        ),
        ({**rectangle(), "scale": "big"}, "scale must be a number: 'big'"),
    ],
)
def test_wrong_people(read, tmp_path, element, problem):
    message = refused(read, image("1.jpg", element))
    start = f"{tmp_path}/mpii.mat: annolist(1): annorect(1): {problem}"
    assert message.startswith(start)


@pytest.mark.parametrize(
    "changes, problem",
    [
        (
            {"img_train": None, "single_person": None},
            "RELEASE lacks the field(s) img_train, single_person",
        ),
        (
            {"img_train": np.ones((1, 2))},
            "annolist, img_train and single_person must be of one length, but have 1, "
            "2 and 1",
        ),
        (
            {"annolist": structs({"annorect": EMPTY})},
            "annolist(1): image.name is missing",
        ),
    ],
)
def test_wrong_releases(read, tmp_path, changes, problem):
    message = refused(read, image("1.jpg"), **changes)
    assert message == f"{tmp_path}/mpii.mat: {problem}"


def test_no_release(tmp_path):
    path = str(tmp_path / "mpii.mat")
    savemat(path, {"annolist": EMPTY})
    assert refused(read_release, path) == (
        f"{path} lacks the variable RELEASE; mpii_human_pose_v1_u12_1.mat has it"
    )
    savemat(path, {"RELEASE": np.ones((1, 1))})
    assert refused(read_release, path) == (
        f"{path}: RELEASE must be one struct, but holds 0"
    )


#: The first bytes of a MATLAB 7.3 file.
HDF5 = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(384) + b"\x89HDF\r\n"


@pytest.mark.parametrize(
    "content, problem",
    [
        (None, " does not exist"),
        (b"PK\x03\x04" + b"zip" * 100, " is not a readable .mat file: "),
        (HDF5, " is a MATLAB 7.3 (HDF5) file, but must be of version 5: "),
    ],
)
def test_wrong_files(tmp_path, content, problem):
    path = tmp_path / "mpii.mat"
    if content:
        path.write_bytes(content)
    message = refused(read_release, str(path))
    assert message.startswith(f"annotation file {path}{problem}")
    assert "\n" not in message
