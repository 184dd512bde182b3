"""The folder that is written: layout, determinism, refusal, nothing half-written."""

import json

import cv2
import pytest

from ppdet_hourglass.data.people import read_people
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.metrics.ground_truth import GroundTruth
from ppdet_hourglass.sample import dataset, write_sample_dataset


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_sample_dataset(tmp_path_factory.mktemp("set") / "demo", 8, 3, seed=5)


def contents(folder):
    """Bytes of every file but the .mat, which is dated, by relative name."""
    paths = [*folder.glob("images/*"), *folder.glob("**/*.json")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def people(folder, split):
    path = str(folder / f"annotations/mpii_{split}.json")
    return read_people(path, read_keypoints("mpii"))


def refusal(*arguments, **numbers):
    with pytest.raises(UserError) as caught:
        write_sample_dataset(*arguments, **numbers)
    return str(caught.value)


def test_folder_has_the_layout_of_mpii(folder):
    files = {path.name for path in (folder / "annotations").iterdir()}
    assert files == {"mpii_train.json", "mpii_val.json", "mpii_gt_val.mat"}
    names = {path.name for path in (folder / "images").iterdir()}
    assert names == {*people(folder, "train").images, *people(folder, "val").images}
    assert len({path.read_bytes() for path in (folder / "images").iterdir()}) == 11
    assert all(int(name[:-4]) > 0 and len(name) == 13 for name in names)
    records = json.loads((folder / "annotations/mpii_val.json").read_text())
    keys = ["joints_vis", "joints", "image", "scale", "center", "head_box"]
    assert list(records[0]) == keys


def test_annotated_joints_lie_inside_their_picture(folder):
    for found in (people(folder, "train"), people(folder, "val")):
        for name, joints, visible in zip(found.images, found.joints, found.visible):
            height, width = cv2.imread(str(folder / "images" / name)).shape[:2]
            seen = visible > 0
            assert (joints[seen] >= 0).all()
            assert (joints[seen] <= [width - 1, height - 1]).all()
            assert (joints[~seen] == -2).all()


def test_the_ground_truth_is_that_of_the_validation_people(folder):
    truth = GroundTruth.from_mat(str(folder / "annotations/mpii_gt_val.mat"))
    found = people(folder, "val")
    seen = found.visible > 0
    assert truth.joints[seen] == pytest.approx(found.joints[seen])
    assert len(truth.joints) == len(found)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(folder, tmp_path):
    again = write_sample_dataset(tmp_path / "again", 8, 3, seed=5)
    other = write_sample_dataset(tmp_path / "other", 8, 3, seed=6)
    assert contents(again) == contents(folder)
    for name, data in contents(other).items():
        assert data != contents(folder)[name]
    larger = write_sample_dataset(tmp_path / "larger", 9, 4, seed=5)
    images = {name: data for name, data in contents(folder).items() if "images" in name}
    assert images.items() <= contents(larger).items()


def test_an_earlier_set_is_kept_or_replaced_as_a_whole(tmp_path):
    (tmp_path / "demo").mkdir()  # an empty folder is filled
    folder = write_sample_dataset(tmp_path / "demo", 3, 1)
    written = (folder / "sample.json").stat().st_mtime_ns
    write_sample_dataset(folder, 3, 1)
    assert (folder / "sample.json").stat().st_mtime_ns == written
    write_sample_dataset(folder, 2, 1)
    assert len(list((folder / "images").iterdir())) == 3
    (folder / "images/100000001.jpg").unlink()
    write_sample_dataset(folder, 2, 1)
    assert len(list((folder / "images").iterdir())) == 3
    assert json.loads((folder / "sample.json").read_text())["train"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


@pytest.mark.parametrize("mine", ["notes.txt", "images/100000002.jpg"])
def test_a_set_with_a_foreign_file_is_not_replaced(tmp_path, mine):
    folder = write_sample_dataset(tmp_path / "demo", 2, 1)
    (folder / mine).write_text("years of work")
    written = (folder / "sample.json").stat().st_mtime_ns
    assert refusal(folder, 2, 1, seed=1).startswith(f"{folder} holds {mine}, ")
    assert (folder / mine).read_text() == "years of work"
    # Nothing is lost where the set that is wanted is there already.
    write_sample_dataset(folder, 2, 1)
    assert (folder / "sample.json").stat().st_mtime_ns == written


def test_a_file_that_comes_while_the_set_is_drawn_is_not_lost(tmp_path, monkeypatch):
    folder = write_sample_dataset(tmp_path / "demo", 1, 1)
    write_all = dataset._write_all

    def slowly(staging, parameters):
        (folder / "notes.txt").write_text("just now")
        return write_all(staging, parameters)

    monkeypatch.setattr(dataset, "_write_all", slowly)
    assert "holds notes.txt, which does not belong" in refusal(folder, 2, 1)
    assert (folder / "notes.txt").read_text() == "just now"
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


@pytest.mark.parametrize(
    "receipt",
    [None, "", "[1]", '{"version": 1}', '{"made_by": "me", "train": 1, "val": 1}'],
)
def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path, receipt):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    if receipt is not None:
        (folder / "sample.json").write_text(receipt)
    assert refusal(folder, 1, 1).startswith(f"{folder} holds ")
    assert (folder / "thesis.txt").read_text() == "years of work"


def test_a_file_in_the_folders_place_is_refused(tmp_path):
    (tmp_path / "demo").write_text("")
    message = refusal(tmp_path / "demo", 1, 1)
    assert message.startswith(f"{tmp_path / 'demo'} must be a folder")


@pytest.mark.parametrize(
    "numbers, message",
    [
        ({"train": 0}, "sample train must be at least 1, but got 0"),
        ({"val": -2}, "sample val must be at least 1, but got -2"),
        ({"seed": -1}, "sample seed must be at least 0, but got -1"),
    ],
)
def test_impossible_numbers_are_refused(tmp_path, numbers, message):
    assert refusal(tmp_path / "demo", **numbers) == message
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize("earlier", [False, True])
def test_a_failure_leaves_nothing_half_written(tmp_path, monkeypatch, earlier):
    folder = tmp_path / "demo"
    if earlier:
        write_sample_dataset(folder, 1, 1)
        before = contents(folder)

    def break_down(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr(dataset, "write_ground_truth", break_down)
    with pytest.raises(OSError, match="disk full"):
        write_sample_dataset(folder, 2, 1)
    if earlier:
        assert contents(folder) == before
    assert list(tmp_path.iterdir()) == ([folder] if earlier else [])
