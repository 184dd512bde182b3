import json
import logging

import numpy as np
import pytest

from ppdet_hourglass.compat.stock import JOINTS_KEY
from ppdet_hourglass.data.mpii_dataset import MPIIDataset
from ppdet_hourglass.errors import UserError
from tests.conftest import Messages, person


@pytest.fixture
def log():
    handler = Messages()
    logger = logging.getLogger("ppdet_hourglass.data.people_dataset")
    logger.addHandler(handler)
    yield handler.lines
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    "split, counts",
    [("train", "14679 images, 22246 people"), ("val", "2729 images, 2958 people")],
)
def test_counts_of_the_real_files(mpii, log, split, counts):
    data = MPIIDataset(str(mpii), "images", f"annotations/mpii_{split}.json")
    assert f"{len(data)} people" in counts
    path = mpii / f"annotations/mpii_{split}.json"
    assert log == [f"{path}: {counts}"]


def test_a_record_by_hand(dataset):
    folder = dataset([person(joints_vis=[0] + [1] * 15)])
    sample = MPIIDataset(str(folder))[0]
    assert sample["image"].shape == (100, 120, 3)
    assert sample["center"].tolist() == [59.0, 55.0]  # 50 + 15 x 0.4 - 1
    assert sample["scale"].tolist() == [0.5, 0.5]
    assert sample[JOINTS_KEY][1].tolist() == [24, 32, 0]  # 0-based
    assert sample["joints_vis"][:2].tolist() == [[0, 0, 0], [1, 1, 0]]
    assert (sample["im_id"], sample["person"], sample["score"]) == (1, 0, 1.0)


def test_the_key_of_joints_is_the_one_the_stock_transforms_read(sample_people):
    from ppdet.data.transform.keypoint_operators import ToHeatmapsTopDown, TopDownAffine

    data = MPIIDataset(str(sample_people))
    sample = ToHeatmapsTopDown([64, 64], 2)(TopDownAffine([256, 256])(data[0]))
    assert sample["target"].max() == 1.0
    assert sample["target_weight"].sum() > 8


def test_transforms_cannot_change_the_data_set(dataset):
    data = MPIIDataset(str(dataset([person()])))
    first = data.record(0)
    for value in first.values():
        if isinstance(value, np.ndarray):
            value += 100
    again = data.record(0)
    assert again["center"].tolist() == [59.0, 55.0]
    assert again[JOINTS_KEY][0].tolist() == [19, 29, 0]


def test_image_numbers(dataset):
    data = MPIIDataset(str(dataset([person("015601864.jpg")])))
    assert data.people.image_ids == [15601864]
    names = ["b.jpg", "a.jpg", "b.jpg"]
    data = MPIIDataset(str(dataset([person(name) for name in names])))
    assert data.people.image_ids == [0, 1, 0]
    data = MPIIDataset(str(dataset([person("²5.jpg")])))  # a digit, but no number
    assert data.people.image_ids == [0]


def test_one_top_level_key_moves_all_data_sets(config, dataset):
    folder = dataset([person()])
    config["dataset_dir"] = str(folder)
    data = MPIIDataset()
    data.check_or_download_dataset()
    assert len(data) == 1 and data.image_folder == f"{folder}/images"
    assert MPIIDataset("elsewhere").folder == "elsewhere"


def test_missing_folder_says_what_to_download_and_where(tmp_path):
    with pytest.raises(UserError) as error:
        MPIIDataset(str(tmp_path / "mpii")).check_or_download_dataset()
    message = str(error.value)
    assert message.startswith(f"data set folder {tmp_path}/mpii does not exist. ")
    for part in (
        "MPII Human Pose web site",
        "mpii_gt_val.mat",
        "-o dataset_dir=FOLDER",
    ):
        assert part in message
    assert "\n" not in message


def test_missing_parts(dataset):
    folder = dataset([person()])
    for options, what in (
        ({"image_dir": "pictures"}, f"image folder {folder}/pictures"),
        ({"anno_path": "x.json"}, f"annotation file {folder}/x.json"),
    ):
        with pytest.raises(UserError) as error:
            MPIIDataset(str(folder), **options).check_or_download_dataset()
        assert str(error.value).startswith(f"{what} does not exist. ")


def test_missing_and_unreadable_images_name_the_record(dataset):
    folder = dataset([person("1.jpg"), person("2.jpg"), person("3.jpg")])
    (folder / "images/2.jpg").unlink()
    with pytest.raises(UserError) as error:
        MPIIDataset(str(folder)).parse_dataset()
    path = folder / "annotations/mpii_train.json"
    message = str(error.value)
    assert message.startswith(f"{path}: record 1 (image 2.jpg) is not in {folder}/ima")
    assert "1 of 3" in message
    (folder / "images/2.jpg").write_bytes(b"no picture")
    data = MPIIDataset(str(folder))
    data.parse_dataset()
    with pytest.raises(UserError) as error:
        data[1]["image"]
    message = str(error.value)
    assert message.startswith(f"{path}: record 1 ") and "cannot be read" in message


def test_records_without_joints_only_for_testing(dataset):
    folder = dataset([person(), person(joints=None, joints_vis=None)])
    with pytest.raises(UserError, match="record 1 .*which training needs"):
        MPIIDataset(str(folder)).parse_dataset()
    sample = MPIIDataset(str(folder), test_mode=True)[1]
    assert not sample["joints_vis"].any() and not sample[JOINTS_KEY].any()


def test_sample_people_are_readable(sample_people, log):
    data = MPIIDataset(str(sample_people))
    data.check_or_download_dataset()
    data.parse_dataset()
    records = json.loads((sample_people / "annotations/mpii_train.json").read_text())
    assert len(data) == len(records) and "8 images" in log[0]
