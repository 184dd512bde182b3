"""The file for MPII's evaluation, read back as its toolkit reads it."""

import json

import numpy as np
import pytest
from scipy.io import loadmat

from ppdet_hourglass.data.people import read_people
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.metrics.submission import (
    LAYOUT_NAME,
    read_layout,
    write_predictions,
)

from ..conftest import person

MPII = read_keypoints("mpii")

#: Three images: of the first's rectangles one has no position; nobody on the second.
LAYOUT = [
    {"image": "7.jpg", "rectangles": [[60.0, 50.0], None, [61.0, 51.5]]},
    {"image": "8.jpg", "rectangles": []},
    {"image": "6.jpg", "rectangles": [[62.0, 52.0]]},
]


def people_of(folder, *keys, layout=LAYOUT):
    """Annotations of test people, given as (image, rectangle), beside a layout."""
    withheld = {"joints": None, "joints_vis": None, "head_box": None}
    records = [
        person(image, rectangle=rectangle, **withheld) for image, rectangle in keys
    ]
    if layout is not None:
        (folder / LAYOUT_NAME).write_text(json.dumps(layout))
    (folder / "mpii_test.json").write_text(json.dumps(records))
    return read_people(str(folder / "mpii_test.json"), MPII, need_joints=False)


def struct_array(value):
    """1-D; MATLAB's ``[]`` holds no struct."""
    return value.ravel() if value.dtype.names else []


@pytest.fixture
def written(tmp_path):
    """``pred`` of people whose joint k is at (person + k / 100, k), 0-based."""

    def written(*keys):
        people = people_of(tmp_path, *keys)
        joints = np.zeros((len(keys), 16, 2))
        joints[..., 0] = np.arange(len(keys))[:, None] + np.arange(16) / 100
        joints[..., 1] = np.arange(16)
        path = tmp_path / "out/pred_keypoints_mpii.mat"
        write_predictions(str(path), read_layout(people), people, joints)
        pred = loadmat(str(path))["pred"]
        assert pred.shape == (1, 3)
        return pred[0]

    return written


def test_every_rectangle_is_there_in_order_and_predicted_ones_have_joints(written):
    pred = written(("6.jpg", 1), ("7.jpg", 3))
    names = [str(entry["image"][0, 0]["name"][0]) for entry in pred]
    assert names == ["7.jpg", "8.jpg", "6.jpg"]
    annorects = [struct_array(entry["annorect"]) for entry in pred]
    assert [len(annorect) for annorect in annorects] == [3, 0, 1]
    rectangles = [*annorects[0], *annorects[2]]
    # The toolkit counts rectangles that have an objpos.
    places = [struct_array(rectangle["objpos"]) for rectangle in rectangles]
    assert [[(p["x"].item(), p["y"].item()) for p in found] for found in places] == [
        *([(60.0, 50.0)], [], [(61.0, 51.5)], [(62.0, 52.0)])
    ]
    predicted = [struct_array(rectangle["annopoints"]) for rectangle in rectangles]
    assert [len(annopoints) for annopoints in predicted] == [0, 0, 1, 1]
    for index, annopoints in enumerate([predicted[3], predicted[2]]):
        points = annopoints[0]["point"]
        assert points.shape == (1, 16)
        for joint, point in enumerate(points[0]):
            assert point["id"].item() == joint  # from 0
            assert point["x"].item() == pytest.approx(index + joint / 100 + 1)
            assert point["y"].item() == joint + 1  # 1-based


def test_other_annotations_have_no_layout(tmp_path):
    (tmp_path / LAYOUT_NAME).write_text(json.dumps(LAYOUT))
    path = tmp_path / "mpii_val.json"
    path.write_text(json.dumps([person(), person(rectangle=1)]))
    assert read_layout(read_people(str(path), MPII)) is None


@pytest.mark.parametrize(
    "keys", [[("7.jpg", 4)], [("5.jpg", 1)], [("7.jpg", 0)], [("6.jpg", 1)] * 2]
)
def test_people_outside_the_layout(tmp_path, keys):
    image, number = keys[-1]
    with pytest.raises(UserError) as error:
        read_layout(people_of(tmp_path, *keys))
    assert str(error.value) == (
        f"{tmp_path}/mpii_test.json: record {len(keys) - 1} (image {image}): "
        f"rectangle {number} is not in {tmp_path / LAYOUT_NAME}, or two records have it"
    )


@pytest.mark.parametrize(
    "layout, problem",
    [
        (None, " does not exist"),
        (3, " must be a list of test images, but got 3"),
        ([1], "[0] must be an object, but got 1"),
        ([{"image": "7.jpg"}], ": record 0: key 'rectangles' is missing"),
        (
            [{"image": "7.jpg", "rectangles": [[1, 2, 3]]}],
            ": record 0: 'rectangles'[0] must be [x, y] or null, but got a list of 3: "
            "[1, 2, 3]",
        ),
    ],
)
def test_wrong_layouts(tmp_path, layout, problem):
    with pytest.raises(UserError) as error:
        read_layout(people_of(tmp_path, ("7.jpg", 1), layout=layout))
    what = "" if layout else "layout of the test images "
    assert str(error.value) == (
        f"{what}{tmp_path / LAYOUT_NAME}{problem}; {tmp_path}/mpii_test.json "
        "needs it: python -m ppdet_hourglass prepare-mpii writes both"
    )
