import json

import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.metrics.results import read_results

from ..conftest import people_at

TWO_AND_ONE = people_at(
    ["b.jpg", "b.jpg", "a.jpg"], [[10, 10], [90, 10], [10, 10]], [1] * 3, "val.json"
)


def row(number, **more):
    """A record whose two joints are at (number, 0)."""
    return {"keypoints": [number, 0, 0.9] * 2, **more}


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "keypoints_results.json"
        if content is not None:
            text = content if isinstance(content, str) else json.dumps(content)
            path.write_text(text)
        return str(path)

    return write


def test_an_evaluations_people_are_in_order(write):
    """Whatever their centres are: the crop's, and two people's may be the same."""
    rows = [row(i, image=n, center=[5, 5]) for i, n in enumerate(TWO_AND_ONE.images)]
    joints = read_results(write(rows), TWO_AND_ONE, 2)
    assert joints.shape == (3, 2, 3) and (joints[..., 1] == 0).all()
    assert joints[..., 0].tolist() == [[0, 0], [1, 1], [2, 2]]


@pytest.mark.parametrize(
    "wheres, order",
    [
        (  # of PaddleDetection's metric, which writes the images' numbers alone
            [{"image_id": i, "bbox": [0, 0, 9, 9]} for i in (2, 0, 1)],
            [1, 2, 0],
        ),
        (
            [
                {"image": "a.jpg", "bbox": [0, 0, 20, 20]},
                {"image": "b.jpg", "bbox": [70, 0, 40, 20]},
                {"image": "b.jpg", "bbox": [40, 0, 20, 20]},  # nearer to the second too
            ],
            [2, 1, 0],
        ),
        (  # of an evaluation in another order
            [
                {"image": "b.jpg", "center": [90, 10]},
                {"image": "a.jpg", "center": [10, 10]},
                {"image": "b.jpg", "center": [10, 10]},
            ],
            [2, 0, 1],
        ),
    ],
)
def test_people_are_paired_by_image_and_place(write, wheres, order):
    rows = [row(number, **where) for number, where in enumerate(wheres)]
    assert read_results(write(rows), TWO_AND_ONE, 2)[:, 0, 0].tolist() == order


@pytest.mark.parametrize(
    "content, message",
    [
        (None, "results file {path} does not exist"),
        ([], "{path} holds 0 people, but val.json 3"),
        ("{}", "results file {path} must be a list of people, but got {{}}"),
        ("[1]", "results file {path}[0] must be an object, but got 1"),
        (
            [row(1), {"keypoints": [1, 2]}],
            "{path}: record 1: 'keypoints' must be 6 finite numbers (3 x 2 joints), "
            "but got a list of 2: [1, 2]",
        ),
        ([{}], "{path}: record 0: key 'keypoints' is missing"),
        (
            [row(1, image="a.jpg"), row(1), row(1, image="b.jpg")],
            "{path}: record 1: 'image' must be a non-empty string, but got None",
        ),
        (
            [row(float("nan"))] * 3,
            "{path}: record 0: 'keypoints'[0] must be a finite number, but got nan",
        ),
        (
            [row(1, image="a.jpg", bbox=[0, 0, 1, 1])] * 3,
            "{path} holds 0 people of image b.jpg, but val.json 2",
        ),
        (
            [row(1, image=name) for name in ("a.jpg", "b.jpg", "b.jpg")],
            "{path}: record 1 has neither 'center' nor 'bbox'",
        ),
        (  # found with hypothesis: the square of the distance is infinite
            [row(1, image=n, center=[1e200, 1]) for n in ("a.jpg", "b.jpg", "b.jpg")],
            "{path}: record 1 must lie within 1000000 pixels, but its middle is "
            "[1e+200, 1.0]",
        ),
    ],
)
def test_wrong_files(write, content, message):
    path = write(content)
    with pytest.raises(UserError) as error:
        read_results(path, TWO_AND_ONE, 2)
    assert str(error.value) == message.format(path=path)
