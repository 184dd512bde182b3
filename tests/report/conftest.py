"""A small evaluation: three people in two pictures, one of them without a file."""

import json

import pytest

from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.report.study import read_study

from ..conftest import person

#: A file name that would be markup if it were not escaped.
MARKUP = "<script>alert(1)</script>.jpg"

#: Head size of the people in pixels: 0.6 x the diagonal of 40 x 30.
HEAD_PX = 30.0


@pytest.fixture
def evaluation(dataset):
    """Results file, annotation file, image folder and keypoint set."""
    box = {"head_box": [0.0, 0.0, 40.0, 30.0], "center": [60.0, 50.0]}
    spread = [[10.0 + 70 * (k % 4), 10.0 + 70 * (k // 4)] for k in range(16)]
    far = [[x + 2000, y] for x, y in spread]
    people = [
        person("000000001.jpg", joints=spread, **box),
        person("000000001.jpg", joints=far, **{**box, "center": [62.0, 50.0]}),
        person("000000002.jpg", joints=spread, **{**box, "center": [500.0, 50.0]}),
    ]
    folder = dataset(people)
    people[2]["image"] = MARKUP
    annotations = folder / "annotations/mpii_val.json"
    annotations.write_text(json.dumps(people))
    found = [[list(joint) for joint in someone["joints"]] for someone in people]
    found[0][15] = [1000.0, 1000.0]  # a miss
    found[0][0] = spread[5]  # right ankle on the left ankle: an inversion
    found[1][1] = spread[1]  # on the first person's knee: a swap
    found[2][2][0] += 0.2 * HEAD_PX  # jitter
    rows = [
        {
            "image": someone["image"],
            "center": someone["center"],
            "keypoints": [v for x, y in joints for v in (x - 1, y - 1, 0.5)],
        }
        for someone, joints in zip(people, found)
    ]
    results = folder / "keypoints_results.json"
    results.write_text(json.dumps(rows))
    return (
        str(results),
        str(annotations),
        str(folder / "images"),
        read_keypoints("mpii"),
    )


@pytest.fixture
def study(evaluation):
    """The study of that evaluation."""
    return read_study(*evaluation)
