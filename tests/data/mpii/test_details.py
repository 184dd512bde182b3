"""The file of activities and occluded joints beside an annotation file."""

import json

import pytest

from ppdet_hourglass.data.mpii.details import details_name, make_details, read_details

from ...conftest import refused
from .test_records import person

ONE = {"image": "1.jpg", "category": "sports", "activity": None, "occluded": [3, 9]}
TWO = {"image": "2.jpg", "category": None, "activity": None, "occluded": []}


@pytest.fixture
def beside(tmp_path):
    """Writes the file; returns the path of the annotations."""

    def write(*records):
        annotations = str(tmp_path / "mpii_val.json")
        (tmp_path / "mpii_val_details.json").write_text(json.dumps(records))
        return annotations

    return write


def test_it_is_read(beside, tmp_path):
    details = read_details(beside(ONE, TWO), ["1.jpg", "2.jpg"])
    assert details.categories == ["sports", None]
    assert details.activities == [None, None]
    assert details.occluded == [[3, 9], []]
    assert read_details(str(tmp_path / "other.json"), ["1.jpg"]) is None


def test_a_person_of_whom_nothing_is_said():
    assert make_details(person()) == {**TWO, "image": "1.jpg"}


@pytest.mark.parametrize(
    "images, difference",
    [
        (["1.jpg"], "has 2 people, not 1"),
        (["1.jpg", "3.jpg"], "record 1 is on image 2.jpg, not 3.jpg"),
    ],
)
def test_other_people_are_refused(beside, images, difference):
    path = beside(ONE, TWO)
    assert refused(read_details, path, images) == (
        f"{details_name(path)} must have the people of {path}, in their order, but "
        f"{difference}; make both with prepare-mpii, or move it away"
    )


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"category": ""}, "'category' must be a non-empty string or null, but got ''"),
        ({"occluded": ["3"]}, "'occluded'[0] must be a whole number, but got '3'"),
    ],
)
def test_a_damaged_file(beside, change, problem):
    path = beside({**ONE, **change})
    name = details_name(path)
    assert refused(read_details, path, ["1.jpg"]) == f"{name}: record 0: {problem}"
