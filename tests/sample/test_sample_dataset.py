"""The folder that is written: layout, determinism, refusal, nothing half-written."""

import json

import cv2
import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.sample import dataset, write_sample_dataset

FILES = ["mpii_gt_val.mat", "mpii_train.json", "mpii_val.json"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_sample_dataset(tmp_path_factory.mktemp("set") / "demo", 8, 3, seed=5)


def contents(folder):
    """Bytes of every image and JSON file by relative name."""
    paths = [*folder.glob("images/*"), *folder.glob("annotations/*.json")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def people(folder, split):
    return json.loads((folder / f"annotations/mpii_{split}.json").read_text())


def test_folder_has_the_layout_of_mpii(folder):
    assert sorted(path.name for path in (folder / "annotations").iterdir()) == FILES
    names = {path.name for path in (folder / "images").iterdir()}
    annotated = {
        one["image"] for split in ("train", "val") for one in people(folder, split)
    }
    assert names == annotated and len(names) == 11
    assert all(int(name[:-4]) > 0 and len(name) == 13 for name in names)


def test_train_and_val_share_no_picture(folder):
    pictures = [path.read_bytes() for path in (folder / "images").iterdir()]
    assert len(set(pictures)) == 11


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(folder, tmp_path):
    again = write_sample_dataset(tmp_path / "again", 8, 3, seed=5)
    other = write_sample_dataset(tmp_path / "other", 8, 3, seed=6)
    assert contents(again) == contents(folder)
    for name, data in contents(other).items():
        assert data != contents(folder)[name]


def test_a_larger_set_extends_a_smaller_one(folder, tmp_path):
    larger = write_sample_dataset(tmp_path / "larger", 10, 4, seed=5)
    images = {name: data for name, data in contents(folder).items() if "images" in name}
    assert images.items() <= contents(larger).items()
    for split in ("train", "val"):
        smaller = people(folder, split)
        assert people(larger, split)[: len(smaller)] == smaller
        assert len(people(larger, split)) > len(smaller)


def test_annotated_joints_lie_inside_their_picture(folder):
    for one in people(folder, "train") + people(folder, "val"):
        height, width = cv2.imread(str(folder / "images" / one["image"])).shape[:2]
        joints, seen = np.array(one["joints"]), np.array(one["joints_vis"]) == 1
        assert (joints[seen] >= 1).all()
        assert (joints[seen] <= [width, height]).all()
        assert (joints[~seen] == -1).all()


def test_an_earlier_set_is_kept_or_replaced_as_a_whole(tmp_path):
    folder = write_sample_dataset(tmp_path / "demo", 3, 1)
    written = (folder / "sample.json").stat().st_mtime_ns
    write_sample_dataset(folder, 3, 1)
    assert (folder / "sample.json").stat().st_mtime_ns == written
    write_sample_dataset(folder, 2, 1)
    assert len(list((folder / "images").iterdir())) == 3
    assert json.loads((folder / "sample.json").read_text())["train"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "demo").mkdir()
    write_sample_dataset(tmp_path / "demo", 1, 1)
    assert (tmp_path / "demo/sample.json").is_file()


@pytest.mark.parametrize("marker", [None, "", "[1]", '{"version": 1}'])
def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path, marker):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    if marker is not None:
        (folder / "sample.json").write_text(marker)
    with pytest.raises(UserError) as caught:
        write_sample_dataset(folder, 1, 1)
    assert str(caught.value) == (
        f"{folder} must be empty or an earlier set of sample people, "
        "but it holds other files and no sample.json of theirs"
    )
    assert (folder / "thesis.txt").read_text() == "years of work"


def test_a_file_in_the_folders_place_is_refused(tmp_path):
    (tmp_path / "demo").write_text("")
    with pytest.raises(UserError, match="must be a folder .* but is a file"):
        write_sample_dataset(tmp_path / "demo", 1, 1)


@pytest.mark.parametrize(
    "numbers, message",
    [
        ({"train": 0}, "sample train must be at least 1, but got 0"),
        ({"val": -2}, "sample val must be at least 1, but got -2"),
        ({"seed": -1}, "sample seed must be at least 0, but got -1"),
        ({"size": 95}, "sample size must be at least 96, but got 95"),
    ],
)
def test_impossible_numbers_are_refused(tmp_path, numbers, message):
    with pytest.raises(UserError) as caught:
        write_sample_dataset(tmp_path / "demo", **numbers)
    assert str(caught.value) == message
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize("earlier", [False, True])
def test_a_failure_leaves_nothing_half_written(tmp_path, monkeypatch, earlier):
    folder = tmp_path / "demo"
    if earlier:
        write_sample_dataset(folder, 1, 1)
        before = contents(folder)

    def break_down(path, records):
        raise OSError("disk full")

    monkeypatch.setattr(dataset, "write_ground_truth", break_down)
    with pytest.raises(OSError, match="disk full"):
        write_sample_dataset(folder, 2, 1)
    if earlier:
        assert contents(folder) == before
    assert list(tmp_path.iterdir()) == ([folder] if earlier else [])
