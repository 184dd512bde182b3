import contextlib
import io
import json
import os

import cv2
import numpy as np
import pytest
from ppdet.data.source.keypoint_coco import KeypointTopDownCocoDataset

from ppdet_hourglass.compat.stock import JOINTS_KEY
from ppdet_hourglass.data.coco_dataset import COCOPose

from ..conftest import refused


@pytest.fixture
def folder(tmp_path):
    """200 random people in 12 images, some of them crowds or without joints."""
    rng = np.random.default_rng(0)
    (tmp_path / "images").mkdir()
    images, annotations, detections = [], [], []
    for number in rng.permutation(12).tolist():
        width, height = rng.integers(100, 400, 2).tolist()
        name = f"{number:012d}.jpg"
        pixels = rng.integers(0, 255, (height, width, 3)).astype(np.uint8)
        cv2.imwrite(str(tmp_path / "images" / name), pixels)
        size = {"width": width, "height": height}
        images.append({"id": number, "file_name": name, **size})
    for number in range(200):
        image = images[rng.integers(12)]
        room = [image["width"] - 20, image["height"] - 20]
        box = np.round([*rng.uniform(-30, room), *rng.uniform(45, 300, 2)], 2).tolist()
        joints = np.column_stack([rng.uniform(0, 200, (17, 2)), rng.integers(0, 3, 17)])
        joints[(joints[:, 2] == 0) | (number % 7 == 0)] = 0
        where = {"image_id": image["id"], "category_id": 1, "bbox": box}
        more = {"area": box[2] * box[3], "iscrowd": int(number % 11 == 0)}
        keypoints = {"keypoints": joints.ravel().tolist()}
        annotations.append({"id": number, **where, **more, **keypoints})
        where["category_id"] = 1 + number % 3
        detections.append({**where, "score": float(rng.uniform())})
    content = {"images": images, "annotations": annotations}
    content["categories"] = [{"id": 1, "name": "person"}]
    (tmp_path / "people.json").write_text(json.dumps(content))
    (tmp_path / "detections.json").write_text(json.dumps(detections))
    return str(tmp_path)


DETECTED = {"use_gt_bbox": False, "bbox_file": "detections.json", "image_thre": 0.3}


@pytest.mark.parametrize("size", [[256, 256], [192, 256]])
@pytest.mark.parametrize("options", [{}, DETECTED])
def test_samples_are_those_of_the_stock_data_set(config, folder, size, options):
    config["trainsize"] = size
    ours = COCOPose(folder, "images", "people.json", "coco", **options)
    stock = KeypointTopDownCocoDataset(
        folder, "images", "people.json", 17, size, **options
    )
    with contextlib.redirect_stdout(io.StringIO()):
        stock.parse_dataset()
    ours.parse_dataset()
    stock.transform = lambda sample: sample
    assert len(ours) == len(stock) > 20
    for index in range(len(stock)):
        sample, expected = ours[index], stock[index]
        for key in ("image", "center", "scale", JOINTS_KEY):
            assert sample[key].dtype == expected[key].dtype, key
            assert np.array_equal(sample[key], expected[key]), key
        if not options:  # the stock one says that joints that nobody knows are visible
            assert np.array_equal(sample["joints_vis"], expected["joints_vis"])
        assert sample["im_id"] == expected["im_id"]
        assert sample["score"] == expected["score"]
        name = os.path.basename(expected["image_file"])
        assert os.path.basename(ours.image_path(index)) == name


def test_no_detections(folder):
    data = COCOPose(folder, "images", "people.json", "coco", use_gt_bbox=False)
    assert "bbox_file" in refused(data.parse_dataset)


def detection(image, category, box):
    return {"image_id": image, "category_id": category, "bbox": box, "score": 1}


@pytest.mark.parametrize(
    "content, problem",
    [
        ([], "detections"),
        (
            [{"image_id": 1, "category_id": 3, "bbox": [0, 0, 9, 9], "score": 1}],
            "categ",
        ),
        ([detection(1, 1, "x")], "record 0"),
        ([detection(99, 1, [0, 0, 9, 9])], "99"),
        ([detection(1, 1, [0, 0, 9, 0])], "bbox"),
    ],
)
def test_detections_that_cannot_be_used(folder, content, problem):
    path = os.path.join(folder, "detections.json")
    with open(path, "w") as file:
        json.dump(content, file)
    data = COCOPose(folder, "images", "people.json", "coco", **DETECTED)
    message = refused(data.parse_dataset)
    assert path in message and problem in message


def test_another_layout(dataset):
    from tests.conftest import person

    folder = dataset([person()])
    data = COCOPose(str(folder), "images", "annotations/mpii_train.json", "mpii")
    assert "!MPIIDataset" in refused(data.parse_dataset)
