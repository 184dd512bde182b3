"""The stock COCO reader's people as this package's annotations."""

import json

import cv2
import numpy as np
import pytest
from ppdet.data.source.keypoint_coco import KeypointTopDownCocoDataset

from ppdet_hourglass import plugin  # noqa: F401  (installs the patches)
from ppdet_hourglass.compat.stock import claim_datasets
from ppdet_hourglass.data.bad_images import skip_bad_images
from ppdet_hourglass.metrics.dataset_people import people_of

from ..conftest import refused


@pytest.fixture
def dataset(tmp_path):
    """Two keypoints of two people in one image of 200 x 100 pixels."""
    (tmp_path / "images").mkdir()
    image = np.zeros((100, 200, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "images/a.png"), image)
    people = [
        {"bbox": [10, 20, 60, 40], "keypoints": [30, 40, 2, 0, 0, 0]},
        {"bbox": [100, 10, 20, 80], "keypoints": [105, 30, 1, 115, 80, 2]},
    ]
    shared = {"image_id": 4, "category_id": 1, "iscrowd": 0, "area": 100.0}
    content = {
        "images": [{"id": 4, "file_name": "a.png", "width": 200, "height": 100}],
        "annotations": [{"id": i, **shared, **p} for i, p in enumerate(people)],
        "categories": [{"id": 1, "name": "x"}],
    }
    (tmp_path / "x.json").write_text(json.dumps(content))
    data = KeypointTopDownCocoDataset(
        str(tmp_path), "images", "x.json", num_joints=2, trainsize=[128, 128]
    )
    data.parse_dataset()
    data.transform = lambda sample: sample
    return data


def test_people_by_hand(dataset, tmp_path):
    """The stock reader takes a pixel off each box, as HRNet's does."""
    people, ids, path = people_of(dataset)
    assert path == str(tmp_path / "x.json") and ids == [4, 4]
    assert people.joints[1].tolist() == [[106, 31], [116, 81]]  # 1-based
    assert people.visible.tolist() == [[1, 0], [1, 1]]
    assert people.centers.tolist() == [[40.5, 40.5], [110.5, 50.5]]
    assert people.scales * 200 == pytest.approx([59, 79], rel=1e-6)  # less one


def test_an_unreadable_image_is_named(dataset, tmp_path):
    assert dataset[0]["image"].shape == (100, 200, 3)
    (tmp_path / "images/a.png").write_text("no picture")
    with pytest.raises(cv2.error):  # of another architecture's config
        dataset[0]
    ours = {"architecture": "TopDownHourglass", "TrainDataset": dataset}
    claim_datasets(ours)
    assert refused(dataset.__getitem__, 0) == (
        f"{tmp_path}/x.json: image {tmp_path}/images/a.png cannot be read"
    )


def test_a_cut_off_image(dataset, tmp_path):
    content = cv2.imencode(".jpg", np.zeros((100, 200, 3), np.uint8))[1].tobytes()
    (tmp_path / "images/a.png").write_bytes(content[:-40])
    assert dataset[0]["image"].shape == (100, 200, 3)  # of another architecture
    ours = {"architecture": "TopDownHourglass", "TrainDataset": dataset}
    claim_datasets(ours)
    message = f"{tmp_path}/x.json: image {tmp_path}/images/a.png is cut off"
    assert refused(dataset.__getitem__, 0) == message
    skip_bad_images(dataset)  # both people are in that image
    assert refused(dataset.__getitem__, 0) == message
    (tmp_path / "images/a.png").unlink()
    assert refused(dataset.__getitem__, 0).endswith("a.png does not exist")


def test_an_error_of_a_transform_stays_what_it_is(dataset):
    dataset.transform = lambda sample: cv2.resize(sample["image"], (0, 0))
    with pytest.raises(cv2.error):
        dataset[0]


def test_detected_boxes_have_no_truth(dataset):
    dataset.use_gt_bbox = False
    message = refused(people_of, dataset)
    assert "set EvalDataset.use_gt_bbox to true, or use" in message
    dataset.use_gt_bbox, dataset.db = True, []
    assert "holds no person with keypoints" in refused(people_of, dataset)
