"""The command line, on MPII's nested structure in miniature."""

import json

import numpy as np
import pytest
from scipy.io import loadmat

from ppdet_hourglass.cli import main
from ppdet_hourglass.data.mpii import annotation_files
from ppdet_hourglass.data.mpii.mat_file import MAT_NAME
from ppdet_hourglass.data.people import read_people
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.metrics.ground_truth import GroundTruth, truth_of
from ppdet_hourglass.metrics.pck import pck
from tests.data.mpii.matlab import image, point, rectangle, write_release

FILES = [
    *("mpii_gt_val.mat", "mpii_no_split.json", "mpii_test.json"),
    *("mpii_test_layout.json", "mpii_train.json", "mpii_val.json"),
]
ONE = rectangle([point(0, 5, 6), point(9, 7.1236, 8, is_visible="0")])
ALL = rectangle([point(k, 20 + k, 30) for k in range(16)], scale=1.25)


@pytest.fixture
def release(tmp_path, monkeypatch):
    """The file, and the split that goes with it."""
    split = {"2.jpg": frozenset([2])}
    monkeypatch.setattr(annotation_files, "read_split", lambda: split)
    return write_release(
        tmp_path / "mpii.mat",
        image("1.jpg", ONE, rectangle(), single=[1]),
        image("2.jpg", ALL, ONE),
        image("3.jpg", rectangle(center=None), rectangle(), train=False, single=[2]),
        image("4.jpg", rectangle([point(2, 1, 1), point(2, 3, 4)], head=None)),
        image("5.jpg"),
    )


@pytest.fixture(autouse=True)
def logged(caplog):
    """Lines of the log."""
    caplog.set_level("DEBUG")

    def lines():
        return [record.message for record in caplog.records]

    return lines


def records(folder, name):
    return json.loads((folder / f"mpii_{name}.json").read_text())


def test_all_files_are_written(tmp_path, release):
    out = tmp_path / "mpii/annotations"
    assert main(["prepare-mpii", release, str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == FILES
    assert [r["image"] for r in records(out, "train")] == ["1.jpg", "4.jpg"]
    assert records(out, "val") == [
        {
            "joints_vis": [1] + [0] * 8 + [1] + [0] * 6,
            "joints": [[5.0, 6.0]] + [[-1] * 2] * 8 + [[7.124, 8]] + [[-1] * 2] * 6,
            "image": "2.jpg",
            "scale": 0.4,
            "center": [60.0, 50.0],
            "head_box": [40.0, 20.0, 60.0, 45.0],
        }
    ]
    assert [r["scale"] for r in records(out, "no_split")] == [1.25]
    assert [r["rectangle"] for r in records(out, "test")] == [2]
    assert records(out, "test_layout") == [
        {"image": "3.jpg", "rectangles": [None, [60.0, 50.0]]}
    ]
    truth = loadmat(str(out / MAT_NAME))
    assert truth["pos_gt_src"][9, :, 0].tolist() == [7.1236, 8.0]
    assert truth["headboxes_src"][:, :, 0].tolist() == [[40.0, 20.0], [60.0, 45.0]]
    assert GroundTruth.from_mat(str(out / MAT_NAME)).visible.sum() == 2


def test_it_reports_what_it_dropped_and_why(tmp_path, release, logged):
    assert main(["prepare-mpii", release, str(tmp_path / "out"), "--verbose"]) == 0
    lines = logged()
    assert lines[1:11] == [
        "2 people on 2 images for training",
        "1 people on 1 images for validation",
        "1 people on 1 images on validation images, but not in the split",
        "1 people on 1 images on test images",
        "dropped 1 people: training image, no joint annotated",
        "dropped 1 people: test image, no position (objpos)",
        "dropped person 2 of 1.jpg: training image, no joint annotated",
        "dropped person 1 of 3.jpg: test image, no position (objpos)",
        "1 images have no people",
        "1 joints are annotated twice: the last one counts",
    ]
    assert lines[11] == "1 people have no head box and get no 'head_box'"


def test_head_boxes_in_the_json_score_as_the_mat_file_does(tmp_path, release):
    """Head size 0.6 x hypot(20, 25) = 19.209 px, half of it 9.605 px."""
    assert main(["prepare-mpii", release, str(tmp_path)]) == 0
    predictions = np.zeros((1, 16, 2))
    predictions[0, 0] = [4 + 9.6, 5]  # 0-based; annotated at (5, 6), 1-based
    predictions[0, 9] = [6.1236, 7 + 9.61]  # at (7.1236, 8)
    people = read_people(str(tmp_path / "mpii_val.json"), read_keypoints("mpii"))

    def figures():
        truth = truth_of(people, read_keypoints("mpii"))
        result = pck(predictions, truth)
        return truth.source, result.per_joint["Ankle"], result.per_joint["Head"]

    assert figures() == (str(tmp_path / MAT_NAME), 100.0, 0.0)
    (tmp_path / MAT_NAME).unlink()
    assert figures() == (str(tmp_path / "mpii_val.json"), 100.0, 0.0)


def test_files_are_replaced_only_by_force(tmp_path, release, capsys):
    (tmp_path / "mpii_val.json").write_text("mine")
    assert main(["prepare-mpii", release, str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: {tmp_path} already holds mpii_val.json; --force replaces them"
    )
    assert not (tmp_path / "mpii_train.json").exists()
    assert (tmp_path / "mpii_val.json").read_text() == "mine"
    assert main(["prepare-mpii", release, str(tmp_path), "--force"]) == 0
    assert len(records(tmp_path, "val")) == 1
    assert main(["prepare-mpii", release, release]) == 1
    assert f"{release} must be a folder, but is a file" in capsys.readouterr().err


def test_a_broken_file_leaves_nothing(tmp_path, logged, capsys):
    path = tmp_path / "mpii.mat"
    path.write_bytes(b"no MATLAB")
    assert main(["prepare-mpii", str(path), str(tmp_path / "out")]) == 1
    assert logged() == [f"reading {path} (half a minute)"]
    assert (
        capsys.readouterr()
        .err.splitlines()[-1]
        .startswith(f"error: annotation file {path} is not a readable .mat file: ")
    )
    assert not (tmp_path / "out").exists()


def test_real_people_give_the_public_files(tmp_path, mpii, monkeypatch):
    """To the byte, head boxes apart; the ground truth to Tompson's rounding."""
    annotations = mpii / "annotations"
    real = loadmat(str(annotations / MAT_NAME))
    heads = real["headboxes_src"].transpose(2, 0, 1).reshape(-1, 4)
    public = {
        split: json.loads((annotations / f"mpii_{split}.json").read_text())[:300]
        for split in ("train", "val")
    }
    images, split = [], {}
    for name in public:
        for index, record in enumerate(public[name]):
            points = [
                point(joint, *position)
                for joint, position in enumerate(record["joints"])
                if record["joints_vis"][joint]
            ]
            person = rectangle(
                points[::-1], record["center"], record["scale"], heads[index].round()
            )
            if images and images[-1][0] == record["image"]:
                images[-1][1].append(person)
            else:
                images.append((record["image"], [person]))
            if name == "val":
                split[record["image"]] = frozenset(range(1, len(images[-1][1]) + 1))
    monkeypatch.setattr(annotation_files, "read_split", lambda: split)
    made = [image(name, *people) for name, people in images]
    release = write_release(tmp_path / "mpii.mat", *made)
    assert main(["prepare-mpii", release, str(tmp_path)]) == 0
    for name, people in public.items():
        found = records(tmp_path, name)
        assert all(len(record.pop("head_box")) == 4 for record in found)
        assert json.dumps(found) == json.dumps(people)
    ours = loadmat(str(tmp_path / MAT_NAME))
    for variable in ("pos_gt_src", "jnt_missing", "headboxes_src"):
        wanted = real[variable][..., :300]
        assert np.allclose(ours[variable], wanted, rtol=0, atol=6e-4)
