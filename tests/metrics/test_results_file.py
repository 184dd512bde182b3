import json
import logging

import numpy as np
import pytest

from ppdet_hourglass.metrics.results import evaluation_rows, results_path

VAL, TEST = "data/annotations/mpii_val.json", "data/annotations/mpii_test.json"


@pytest.mark.parametrize("width, height", [(256, 256), (192, 256)])
def test_a_box_that_is_read_back_cuts_the_same_crop(width, height):
    """Centre and scale as prediction makes them of a box: to the last bit of 32."""
    rng = np.random.default_rng(0)
    centers = rng.uniform(20, 2000, (500, 2)).astype(np.float32)
    widths = rng.uniform(0.2, 6, 500).astype(np.float32)
    scales = np.stack([widths, widths * np.float32(height / width)], axis=1)
    crops = np.concatenate([centers, scales], axis=1)
    joints = rng.random((500, 16, 3)).astype(np.float32)
    rows = evaluation_rows(joints, crops, ["1.jpg"] * 500, [1] * 500)
    boxes = np.array([row["bbox"] for row in json.loads(json.dumps(rows))])
    found = boxes[:, :2] + boxes[:, 2:] * 0.5
    assert np.array_equal(found.astype(np.float32), centers)
    sides = 1.25 * np.maximum(boxes[:, 2], boxes[:, 3] * width / height)
    last_bit = 0 if width == height else 1.2e-7  # of a height that was rounded itself
    assert np.abs((sides / 200).astype(np.float32) / widths - 1).max() <= last_bit


def test_a_record():
    joints = np.array([[[1.25, 2, 0.5], [3.00049, 4, 0.25]]], np.float32)
    crops = np.array([[100, 60.5, 1, 1]], np.float32)
    assert evaluation_rows(joints, crops, ["a/7.jpg"], [7]) == [
        {
            "image": "a/7.jpg",
            "image_id": 7,
            "category_id": 1,
            "keypoints": [1.25, 2.0, 0.5, 3.0, 4.0, 0.25],
            "score": 0.375,
            "bbox": [20.0, -19.5, 160.0, 160.0],
            "pixels": "stored",
            "center": [100.0, 60.5],
            "scale": [1.0, 1.0],
        }
    ]


def rows(*places):
    """One record for each (image, centre)."""
    return [{"image": image, "center": [x, 5.0]} for image, x in places]


@pytest.fixture
def folder(tmp_path):
    """A folder with the results of two people."""
    content = json.dumps(rows(("1.jpg", 3.0), ("2.jpg", 4.0)))
    (tmp_path / "keypoints_results.json").write_text(content)
    return tmp_path


def name(folder, annotations, *places):
    return results_path(str(folder), annotations, rows(*places))[len(str(folder)) + 1 :]


def test_an_empty_folder_gets_the_usual_name(tmp_path):
    assert name(tmp_path, TEST, ("1.jpg", 3.0)) == "keypoints_results.json"
    assert results_path("", TEST, []) == "keypoints_results.json"


@pytest.mark.parametrize(
    "places",
    [
        [("1.jpg", 3.0), ("2.jpg", 4.0)],
        [("2.jpg", 4.0), ("3.jpg", 4.0)],  # a set to which people were added
        [("images/2.jpg", 4.0)],  # the name with its folder
    ],
)
def test_the_same_data_set_replaces_its_results(folder, places):
    assert name(folder, VAL, *places) == "keypoints_results.json"


@pytest.mark.parametrize("places", [[("3.jpg", 3.0)], [("1.jpg", 9.0)]])
def test_another_data_set_leaves_them(folder, caplog, places):
    """Other images, or other people on images of the same names."""
    with caplog.at_level(logging.WARNING):
        assert name(folder, TEST, *places) == "keypoints_results_mpii_test.json"
    (message,) = caplog.messages
    for part in ("keypoints_results.json", TEST, "keypoints_results_mpii_test.json"):
        assert f"{part}" in message


def test_the_name_follows_from_the_annotation_file_alone(folder):
    second = folder / "keypoints_results_mpii_val.json"
    second.write_text(json.dumps(rows(("1.jpg", 9.0))))
    for place in (9.0, 7.0):  # a file of the same name elsewhere replaces the results
        assert name(folder, VAL, ("1.jpg", place)) == second.name


@pytest.mark.parametrize(
    "content, expected",
    [
        *[(c, "keypoints_results.json") for c in ("[{", "[]", "{}", "[1]", "null")],
        ('{"image": 1}', "keypoints_results.json"),
        # of a prediction, whose people have a box, but no centre of a crop
        ('[{"image": "1.jpg", "bbox": [1, 2, 3]}]', "keypoints_results_mpii_val.json"),
    ],
)
def test_only_a_results_file_is_kept(tmp_path, content, expected):
    (tmp_path / "keypoints_results.json").write_text(content)
    assert name(tmp_path, VAL, ("1.jpg", 3.0)) == expected
