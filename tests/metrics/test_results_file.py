import json

import numpy as np
import pytest

from ppdet_hourglass.metrics.results_file import evaluation_rows


@pytest.mark.parametrize("width, height", [(256, 256), (192, 256)])
def test_a_box_that_is_read_back_cuts_the_same_crop(width, height):
    """Centre and scale as prediction makes them of a box: to the last bit of 32."""
    rng = np.random.default_rng(0)
    centers = rng.uniform(20, 2000, (500, 2)).astype(np.float32)
    widths = rng.uniform(0.2, 6, 500).astype(np.float32)
    scales = np.stack([widths, widths * np.float32(height / width)], axis=1)
    crops = np.concatenate([centers, scales], axis=1)
    joints = rng.random((500, 16, 3)).astype(np.float32)
    rows = evaluation_rows(joints, crops, ["1.jpg"] * 500, [1] * 500)
    boxes = np.array([row["bbox"] for row in json.loads(json.dumps(rows))])
    found = boxes[:, :2] + boxes[:, 2:] * 0.5
    assert np.array_equal(found.astype(np.float32), centers)
    sides = 1.25 * np.maximum(boxes[:, 2], boxes[:, 3] * width / height)
    last_bit = 0 if width == height else 1.2e-7  # of a height that was rounded itself
    assert np.abs((sides / 200).astype(np.float32) / widths - 1).max() <= last_bit


def test_a_record():
    joints = np.array([[[1.25, 2, 0.5], [3.00049, 4, 0.25]]], np.float32)
    crops = np.array([[100, 60.5, 1, 1]], np.float32)
    assert evaluation_rows(joints, crops, ["a/7.jpg"], [7]) == [
        {
            "image": "a/7.jpg",
            "image_id": 7,
            "category_id": 1,
            "keypoints": [1.25, 2.0, 0.5, 3.0, 4.0, 0.25],
            "score": 0.375,
            "bbox": [20.0, -19.5, 160.0, 160.0],
            "pixels": "stored",
            "center": [100.0, 60.5],
            "scale": [1.0, 1.0],
        }
    ]
