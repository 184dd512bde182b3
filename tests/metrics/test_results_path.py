import json
import logging

import pytest

from ppdet_hourglass.metrics.results_path import results_path

VAL, TEST = "data/annotations/mpii_val.json", "data/annotations/mpii_test.json"


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
    assert caplog.messages == [
        f"{folder}/keypoints_results.json holds the results of another data set and is "
        f"kept: the results of {TEST} go to {folder}/keypoints_results_mpii_test.json"
    ]


def test_a_third_data_set_of_the_same_name_leaves_both(folder):
    second = folder / "keypoints_results_mpii_val.json"
    second.write_text(json.dumps(rows(("1.jpg", 9.0))))
    assert name(folder, VAL, ("1.jpg", 9.0)) == second.name
    assert name(folder, VAL, ("1.jpg", 7.0)) == "keypoints_results_mpii_val_2.json"


@pytest.mark.parametrize("content", ["[{", "[]", "{}", "[1]", '{"image": 1}', "null"])
def test_what_is_no_results_file_is_replaced(tmp_path, content):
    (tmp_path / "keypoints_results.json").write_text(content)
    assert name(tmp_path, VAL, ("1.jpg", 3.0)) == "keypoints_results.json"


def test_results_of_a_prediction_are_kept(tmp_path):
    """Their people have a box, but no centre of a crop."""
    content = json.dumps([{"image": "1.jpg", "bbox": [1, 2, 3, 4]}])
    (tmp_path / "keypoints_results.json").write_text(content)
    assert name(tmp_path, VAL, ("1.jpg", 3.0)) == "keypoints_results_mpii_val.json"
