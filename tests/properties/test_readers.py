"""Whatever a file holds, its reader ends in a value or in one line."""

import json
from contextlib import suppress
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ppdet_hourglass import fields
from ppdet_hourglass.compat.config_check import KINDS
from ppdet_hourglass.data.people import read_people
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.metrics.results import evaluation_rows, read_results, write_results
from ppdet_hourglass.predict.boxes import BoxesFile
from ppdet_hourglass.predict.sources import Images
from ppdet_hourglass.training import snapshot, table

from ..conftest import person

MPII = read_keypoints("mpii")
TWO = replace(MPII, joints=("a", "b"))

#: All examples of a test share its folder, in which each replaces the file.
in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

LEAVES = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    st.sampled_from([10**400, "1.png", "stored", 7]),
)
KEYS = st.sampled_from(
    ["image", "file_name", "bbox", "score", "frame", "image_id", "category_id", "id"]
    + ["center", "scale", "joints", "joints_vis", "head_box", "keypoints", "pixels"]
    + ["images", "annotations", "categories", "pairs", "groups", "sigmas"]
)
JSON = st.recursive(
    LEAVES,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(KEYS, v, max_size=5),
    max_leaves=8,
)
POINT = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2)
#: People's records whose values are mostly right.
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"image": st.sampled_from(["1.png", "2.png"])},
        optional={
            "bbox": st.lists(st.floats(-10, 99), min_size=4, max_size=4) | JSON,
            "center": POINT | JSON,
            "scale": st.floats(0.01, 9) | JSON,
            "keypoints": st.lists(st.integers(0, 9), min_size=6, max_size=6) | JSON,
            "joints": st.lists(POINT, min_size=2, max_size=2) | JSON,
            "joints_vis": st.lists(st.booleans(), min_size=2, max_size=2) | JSON,
            "head_box": JSON,
            "score": JSON,
            "image_id": JSON,
        },
    ),
    max_size=3,
)
CONTENT = JSON | RECORDS


@given(value=JSON)
def test_checked_values(value):
    kinds = [fields.TEXT, fields.WHOLE, fields.OBJECT, fields.one_of(["a", "b"])]
    kinds += [fields.numbers(), fields.numbers(2, above=0), fields.numbers(2, 2)]
    for kind in (
        *KINDS.values(),
        *kinds,
        *(fields.list_of(kind, "a list") for kind in kinds),
    ):
        with suppress(UserError):
            assert fields.check(value, kind, "value") is value
            if kind.to_array:
                assert np.isfinite(kind.to_array([value])).all()


@pytest.fixture
def images(tmp_path):
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images/1.png"), np.zeros((20, 30, 3), np.uint8))
    return Images(str(tmp_path / "images"), ["1.png"])


def read_boxes(path, images):
    BoxesFile(path, images, 0.5)


def read_two_joints(path, images):
    for need_joints in (False, True):
        with suppress(UserError):
            people = read_people(path, TWO, need_joints)
            assert (
                np.isfinite(people.centers).all() and np.isfinite(people.scales).all()
            )


def read_all_people(path, images):
    problems = []
    read_people(path, TWO, problems=problems)
    with suppress(UserError):  # the same verdict
        read_people(path, TWO)
        assert not problems


def read_poses(path, images):
    people = f"{images.folder}/people.json"
    with open(people, "w") as file:
        json.dump([person("1.png")], file)
    read_results(path, read_people(people, MPII), 2)


def read_joint_names(path, images):
    read_keypoints(path)


@pytest.mark.parametrize(
    "read",
    [read_boxes, read_two_joints, read_all_people, read_poses, read_joint_names],
)
@in_one_folder
@given(content=CONTENT)
def test_any_content(images, read, content):
    path = f"{images.folder}/0.json"
    with open(path, "w") as file:
        json.dump(content, file)
    with suppress(UserError):
        read(path, images)


@in_one_folder
@given(
    facts=st.fixed_dictionaries(
        {
            "files": st.dictionaries(
                st.sampled_from(["7.pdparams", "7.pdopt", "../a"]),
                st.dictionaries(st.sampled_from(["bytes", "crc32"]), LEAVES) | LEAVES,
            )
            | LEAVES,
            **dict.fromkeys(("serial", "epoch", "seed"), st.integers() | LEAVES),
        },
        optional=dict.fromkeys(("step", "steps_per_epoch"), st.integers()),
    )
)
def test_any_manifest(tmp_path, facts):
    (tmp_path / "7.pdparams").write_bytes(b"12345")
    (tmp_path / "7.json").write_text(json.dumps(facts))
    found, refused = snapshot.snapshots(str(tmp_path))
    assert len(found) + len(refused) == 1
    assert all(map(snapshot.defect, found))


@in_one_folder
@given(
    lines=st.lists(
        st.lists(
            st.sampled_from(["1", "0.5", "", "nan", '"', "epoch", "a"]), max_size=8
        ),
        max_size=4,
    ),
    header=st.booleans(),
)
def test_any_table(tmp_path, lines, header):
    path = tmp_path / "results.csv"
    columns = [[*table.BEFORE, "Mean", *table.AFTER]] * header
    path.write_text("\n".join(",".join(line) for line in [*columns, *lines]))
    with suppress(UserError):
        rows = table.read_rows(str(path))
        assert table.read_rows(str(path)) == rows


@in_one_folder
@given(
    joints=st.lists(st.floats(-1e4, 1e4, width=32), min_size=12, max_size=12),
    crop=st.lists(st.floats(0.125, 1e3, width=32), min_size=3, max_size=3),
)
def test_results_are_read_as_they_were_written(tmp_path, joints, crop):
    joints = np.array(joints, np.float32).reshape(2, 2, 3)
    crops = np.array([[*crop, crop[2]]] * 2, np.float32)
    path, people = tmp_path / "r.json", tmp_path / "people.json"
    write_results(str(path), evaluation_rows(joints, crops, ["1.png"] * 2, [1, 1]))
    people.write_text(json.dumps([person("1.png"), person("1.png")]))
    found = read_results(str(path), read_people(str(people), MPII), 2)
    assert found == pytest.approx(joints, abs=0.0006)
