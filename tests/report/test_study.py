import json
import re

import numpy as np

from ppdet_hourglass.metrics.joint_errors import CLASSES
from ppdet_hourglass.report.sections import by_person
from ppdet_hourglass.report.study import groups, study

from .conftest import MARKUP

NAMES = list(CLASSES)


def classes(one, person):
    """The classes of a person's joints that are not good."""
    codes = one.classes[person]
    return {j: NAMES[code] for j, code in enumerate(codes) if NAMES[code] != "good"}


def test_classes_and_figures(one):
    assert classes(one, 0) == {0: "inversion", 15: "miss"}
    assert classes(one, 1) == {1: "swap"}
    assert classes(one, 2) == {2: "jitter"}
    assert one.scores.counted.tolist() == [14, 14, 14]  # without pelvis and thorax
    assert one.found(0.5).tolist() == [12, 13, 14]
    assert one.found(0.1).tolist() == [12, 13, 13]
    assert one.result.mean == 100 * 39 / 42
    assert one.scores.worst_first().tolist() == [0, 1, 2]


def test_a_picture_without_a_file_is_unknown(one):
    assert one.sizes == [(120, 100), (120, 100), None]
    outside = groups(one)["Part of the crop outside the picture"]
    # crops of 100 px, 6 px below the centre, in a picture of 120 x 100 px
    assert outside["up to a quarter"].tolist() == [0, 1]
    assert outside["unknown"].tolist() == [2]


def test_neighbours_are_counted_in_the_crop_only(one):
    assert one.neighbours.tolist() == [1, 1, 0]


def test_people_outside_the_split_count_too(evaluation, one):
    beside = json.loads(open(evaluation[1]).read())[:1]
    beside[0]["joints"] = [[1001.0, 1001.0]] * 8 + [[-900.0, -900.0]] * 8
    folder = evaluation[1].rsplit("/", 1)[0]
    with open(f"{folder}/mpii_no_split.json", "w") as file:
        json.dump(beside, file)
    assert classes(study(*evaluation), 0) == {0: "inversion", 15: "swap"}


def test_groups_by_activity_and_occlusion(evaluation):
    names = ["000000001.jpg", "000000001.jpg", MARKUP]
    categories, occluded = ["home", None, "home"], [[], [1, 2], [1, 2, 3, 4, 5, 6]]
    details = [
        {"image": name, "category": category, "activity": None, "occluded": joints}
        for name, category, joints in zip(names, categories, occluded)
    ]
    path = evaluation[1].replace(".json", "_details.json")
    with open(path, "w") as file:
        json.dump(details, file)
    one = study(*evaluation)
    found = {
        title: {name: people.tolist() for name, people in named.items()}
        for title, named in groups(one).items()
    }
    assert found["Activity"] == {"home": [0, 2], "unknown": [1]}
    assert list(found["Activity"]) == ["home", "unknown"]  # the larger group first
    joints = {"none": [0], "1 or 2": [1], "6 or more": [2]}
    assert found["Occluded joints"] == joints
    rows = re.findall(r"<td>(home|6 or more)</td><td>(\d)</td>", by_person(one))
    assert rows == [("home", "2"), ("6 or more", "1")]


def test_every_person_is_in_one_group_of_each_property(one):
    for named in groups(one).values():
        assert sorted(np.concatenate(list(named.values()))) == [0, 1, 2]
