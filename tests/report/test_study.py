import json

import numpy as np

from ppdet_hourglass.metrics.joint_errors import CLASSES
from ppdet_hourglass.report.study import read_study

NAMES = list(CLASSES)


def classes(study, person):
    """The classes of a person's joints that are not good."""
    codes = study.classes[person]
    return {j: NAMES[code] for j, code in enumerate(codes) if NAMES[code] != "good"}


def test_classes_and_figures(study):
    assert classes(study, 0) == {0: "inversion", 15: "miss"}
    assert classes(study, 1) == {1: "swap"}
    assert classes(study, 2) == {2: "jitter"}
    assert study.scores.counted.tolist() == [14, 14, 14]  # without pelvis and thorax
    assert study.found(0.5).tolist() == [12, 13, 14]
    assert study.found(0.1).tolist() == [12, 13, 13]
    assert study.scores.worst_first().tolist() == [0, 1, 2]


def test_neighbours_are_counted_in_the_crop_only(study):
    assert study.neighbours.tolist() == [1, 1, 0]


def test_people_outside_the_split_count_too(evaluation):
    beside = json.loads(open(evaluation[1]).read())[:1]
    beside[0]["joints"] = [[1001.0, 1001.0]] * 8 + [[-900.0, -900.0]] * 8
    folder = evaluation[1].rsplit("/", 1)[0]
    with open(f"{folder}/mpii_no_split.json", "w") as file:
        json.dump(beside, file)
    assert classes(read_study(*evaluation), 0) == {0: "inversion", 15: "swap"}


def test_every_person_is_in_one_group_of_each_property(study):
    for named in study.groups().values():
        assert sorted(np.concatenate(list(named.values()))) == [0, 1, 2]
