"""COCO's AP with own sigmas, against similarities worked out by hand."""

import json

import numpy as np
import pytest

from ppdet_hourglass.metrics.oks import FIGURES, oks_ap

AREA = 5000.0
SIGMAS = (0.05, 0.1)


def truth(tmp_path, people=2, category=7):
    annotations = [
        {
            **{"id": i + 1, "image_id": i, "category_id": category, "iscrowd": 0},
            **{"bbox": [0, 0, 100, 50], "area": AREA},
            "keypoints": [10, 10, 2, 60, 40, 2],
        }
        for i in range(people)
    ]
    content = {
        "images": [{"id": i} for i in range(people)],
        "annotations": annotations,
        "categories": [{"id": category, "name": "thing"}],
    }
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(content))
    return str(path)


def row(image, moved=0.0):
    """A prediction whose first keypoint is ``moved`` pixels off."""
    joints = [10 + moved, 10, 1, 60, 40, 1]
    return {"image_id": image, "category_id": 1, "keypoints": joints, "score": 1.0}


def distance_of(similarity):
    """Pixels by which the first of two keypoints must be off for this OKS."""
    one = 2 * similarity - 1  # the second keypoint's share is 1
    return np.sqrt(-np.log(one) * 2 * AREA * (2 * SIGMAS[0]) ** 2)


def test_perfect_predictions_of_any_category(tmp_path, capsys):
    found = oks_ap(truth(tmp_path), [row(0), row(1)], SIGMAS)
    assert list(found) == list(FIGURES)
    assert found["AP"] == found["AR"] == found["APM"] == pytest.approx(1.0)
    assert found["APL"] == -1  # an area of 5000 px is medium
    assert capsys.readouterr().out == ""  # pycocotools prints


def test_boxes_do_not_count(tmp_path):
    """By a box, pycocotools would take the people for large ones."""
    rows = [{**row(i), "bbox": [0, 0, 500, 500], "pixels": "stored"} for i in range(2)]
    assert oks_ap(truth(tmp_path), rows, SIGMAS)["APM"] == pytest.approx(1.0)
    assert rows[0]["bbox"] == [0, 0, 500, 500]


@pytest.mark.parametrize("similarity, hits", [(0.74, 5), (0.76, 6), (0.96, 10)])
def test_similarity_by_hand(tmp_path, similarity, hits):
    """At OKS s, the thresholds 0.5, 0.55 ... 0.95 up to s are met."""
    moved = distance_of(similarity)
    found = oks_ap(truth(tmp_path, people=1), [row(0, moved)], SIGMAS)
    assert found["AP"] == pytest.approx(hits / 10)
    assert found["AP75"] == pytest.approx(float(similarity >= 0.75))


def test_the_sigmas_are_those_given(tmp_path):
    moved = distance_of(0.74)
    wide = oks_ap(truth(tmp_path, 1), [row(0, moved)], (0.5, 0.1))
    assert wide["AP"] == pytest.approx(1.0)


def test_a_missed_person_costs_recall(tmp_path):
    found = oks_ap(truth(tmp_path), [row(0), row(1, 500.0)], SIGMAS)
    assert found["AR50"] == pytest.approx(1.0)  # one of its two keypoints is right
    assert found["AR75"] == pytest.approx(0.5)


def test_people_without_an_area_count(tmp_path):
    """The area is the box's, and what has no keypoints is nobody."""
    path = truth(tmp_path)
    with open(path) as file:
        content = json.load(file)
    first, second = content["annotations"]
    first["area"] = 0
    del second["area"], second["iscrowd"]
    content["annotations"].append({"id": 99, "image_id": 1, "category_id": 8})
    with open(path, "w", encoding="utf-8-sig") as file:
        json.dump(content, file)
    rows = [row(0), row(1)]
    assert oks_ap(path, rows, SIGMAS)["AP"] == pytest.approx(1)
