import numpy as np
import pytest

from ppdet_hourglass.fields import (
    TEXT,
    WHOLE,
    check,
    check_object,
    list_of,
    numbers,
    one_of,
    read_columns,
)

from .conftest import refused

NAMES = list_of(TEXT, "two names at least", least=2)
DETECTION = {"bbox": numbers(4), "score": numbers(), "image_id": WHOLE}


def detections(**changes):
    good = {"bbox": [1, 2.5, 3, 4], "score": 0.5, "image_id": 7}
    return [good, {**good, **changes}]


def where(index):
    return f"x.json: record {index}"


def test_columns():
    columns = read_columns(detections(score=1), DETECTION, where)
    assert columns["bbox"].dtype == np.float64
    assert columns["bbox"].tolist() == [[1, 2.5, 3, 4]] * 2
    assert columns["score"].tolist() == [0.5, 1] and columns["image_id"] == [7, 7]
    nothing = read_columns([], {"joints": numbers(3, 2)}, where)
    assert nothing["joints"].shape == (0, 3, 2)


@pytest.mark.parametrize(
    "changes, problem",
    [
        ({"bbox": [1, 2, 3]}, "'bbox' must be 4 finite numbers, but got a list of 3: "),
        ({"bbox": [1, 2, 3, "4"]}, "'bbox'[3] must be a finite number, but got '4'"),
        (
            {"bbox": [1, 2, [3], 4]},
            "'bbox'[2] must be a finite number, but got a list ",
        ),
        ({"bbox": "1234"}, "'bbox' must be 4 finite numbers, but got '1234'"),
        ({"bbox": {0: 1}}, "'bbox' must be 4 finite numbers, but got {0: 1}"),
        ({"score": float("nan")}, "'score' must be a finite number, but got nan"),
        ({"score": None}, "'score' must be a finite number, but got None"),
        ({"score": 10**400}, "'score' must be a finite number, but got 10000"),
        ({"image_id": 7.5}, "'image_id' must be a whole number, but got 7.5"),
    ],
)
def test_a_wrong_record_is_named(changes, problem):
    message = refused(read_columns, detections(**changes), DETECTION, where)
    assert message.startswith(f"x.json: record 1: {problem}") and len(message) < 250


def test_a_missing_key_is_named():
    records = detections()
    del records[1]["score"]
    message = refused(read_columns, records, DETECTION, where)
    assert message == "x.json: record 1: key 'score' is missing"


@pytest.mark.parametrize(
    "value, kind, problem",
    [
        (
            0,
            numbers(above=0, note="of a sum"),
            " must be a finite number above 0 (of a sum), but got 0",
        ),
        ("c", one_of(["a", "b"]), " must be one of a, b, but got 'c'"),
        (["a"], NAMES, " must be two names at least, but got a list of 1: ['a']"),
        (["a", ""], NAMES, "[1] must be a non-empty string, but got ''"),
    ],
)
def test_single_values(value, kind, problem):
    assert refused(check, value, kind, "x") == f"x{problem}"


def test_objects():
    assert check([1, 2], numbers(2), "x") == [1, 2]
    assert check_object({"a": "b", "c": 1}, {"a": TEXT}, "x") == {"a": "b", "c": 1}
    assert refused(check_object, 3, {}, "x") == "x must be an object, but got 3"
