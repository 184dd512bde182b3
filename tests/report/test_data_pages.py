"""What `browse` takes from a reader's samples."""

import numpy as np
import pytest

from ppdet_hourglass.cli import main
from ppdet_hourglass.compat.config import config_scope, load
from ppdet_hourglass.report.data_pages import (
    sample_of,
    training_people,
    training_samples,
)

from ..conftest import ROOT, refused
from ..modeling.oracle import numpy_targets

CONFIG = str(ROOT / "configs/hourglass_sample.yml")
CROP = np.zeros((32, 24, 3), np.uint8)

#: x, y in the crop, and whether annotated; the last Gaussian lies outside.
JOINTS = np.float32([[8, 4, 1], [20, 28, 1], [4, 4, 0], [300, 4, 1]])


def targets():
    joints = JOINTS[None, :, :2], JOINTS[None, :, 2]
    return numpy_targets(*joints, (4, 4), (6, 8))


def test_a_sample_with_targets():
    heatmaps, weights = targets()
    sample = sample_of(
        7, {"image": CROP, "target": heatmaps[0], "target_weight": weights[0][:, None]}
    )
    assert sample.person == 7 and sample.visible.tolist() == [1, 1, 0, 0]
    np.testing.assert_array_equal(sample.joints[:2], JOINTS[:2, :2])


def test_a_sample_whose_targets_are_drawn_on_the_device():
    sample = sample_of(7, {"image": CROP, "joints": JOINTS})
    assert sample.visible.tolist() == [1, 1, 0, 0]
    np.testing.assert_array_equal(sample.joints, JOINTS[:, :2])
    np.testing.assert_array_equal(sample.targets, targets()[0][0])


def test_a_sample_that_is_no_crop():
    assert refused(sample_of, 0, {"image": np.zeros((3, 32, 24), np.float32)}) == (
        "TrainReader.sample_transforms must end with an image (H, W, 3) of uint8, but "
        "it is (3, 32, 24), float32: normalise in batch_transforms"
    )
    assert refused(sample_of, 0, {"image": CROP, "scale": 1}) == (
        "TrainReader.sample_transforms must give 'target' or 'joints', but they give "
        "image, scale"
    )


@pytest.fixture
def people(sample_people):
    with config_scope():
        yield training_people(load(CONFIG, [f"dataset_dir={sample_people}"]))


def test_the_people_of_a_config(people):
    assert len(people) == len(people.sides) >= 8
    assert len(set(people.images)) == 8
    assert people.joints.shape == (len(people), 16, 2)
    assert people.source.endswith("annotations/mpii_train.json")


def test_the_configs_own_reader_augments(people):
    samples = list(training_samples(people, [0, 3], seed=1))
    assert [sample.person for sample in samples] == [0, 3]
    for sample in samples:
        assert sample.crop.shape == (128, 128, 3)
        assert sample.targets.shape == (16, 32, 32)
        assert sample.visible.sum() >= 8
    (alone,) = training_samples(people, [3], seed=1)
    np.testing.assert_array_equal(alone.crop, samples[1].crop)
    (other,) = training_samples(people, [3], seed=2)
    assert (other.crop != alone.crop).any()


def test_coco_s_reader(tmp_path, sample_people):
    """PaddleDetection's own data set, through a config for COCO's layout."""
    import json

    people = json.loads((sample_people / "annotations/mpii_train.json").read_text())
    rows = [
        {
            **{"id": index, "image_id": index, "category_id": 1, "iscrowd": 0},
            **{"bbox": [20, 20, 100, 150], "area": 15000.0, "num_keypoints": 16},
            "keypoints": [v for x, y in one["joints"][:16] for v in (x, y, 2)]
            + [0] * 3,
        }
        for index, one in enumerate(people[:2])
    ]
    images = [
        {"id": index, "file_name": one["image"], "width": 300, "height": 300}
        for index, one in enumerate(people[:2])
    ]
    categories = [{"id": 1, "name": "person"}]
    file = tmp_path / "annotations/person_keypoints_train2017.json"
    file.parent.mkdir()
    file.write_text(
        json.dumps({"images": images, "annotations": rows, "categories": categories})
    )
    (tmp_path / "train2017").symlink_to(sample_people / "images")
    config = str(ROOT / "configs/hourglass_coco_256.yml")
    with config_scope():
        found = training_people(load(config, [f"dataset_dir={tmp_path}"]))
        (sample,) = training_samples(found, [1], seed=0)
    assert found.images.tolist() == [0, 1] and found.visible[:, :16].all()
    assert not found.visible[:, 16].any()
    assert sample.crop.shape == (256, 256, 3) and sample.visible.any()


def test_equal_input_gives_an_equal_page(sample_people, tmp_path, config):
    argv = ["-c", CONFIG, "--people", "3", "-o", f"dataset_dir={sample_people}"]
    pages = []
    for seed in ("5", "5", "6"):
        path = tmp_path / "page.html"
        assert main(["browse", *argv, "--output", str(path), "--seed", seed]) == 0
        pages.append(path.read_text().replace(f"(seed {seed})", ""))
    assert pages[0] == pages[1] != pages[2]


@pytest.mark.parametrize("option, least", [("people", 1), ("seed", 0)])
def test_wrong_numbers(option, least, capsys):
    assert main(["browse", "-c", CONFIG, f"--{option}", "-1"]) == 1
    assert capsys.readouterr().err == (
        f"error: --{option} must be at least {least}, but got -1\n"
    )
