"""The stock COCO reader's people as this package's annotations."""

import json

import cv2
import numpy as np
import pytest
from ppdet.data.source.keypoint_coco import KeypointTopDownCocoDataset

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


def test_detected_boxes_have_no_truth(dataset):
    dataset.use_gt_bbox = False
    message = refused(people_of, dataset)
    assert "set EvalDataset.use_gt_bbox to true, or use" in message
    dataset.use_gt_bbox, dataset.db = True, []
    assert "holds no person with keypoints" in refused(people_of, dataset)
